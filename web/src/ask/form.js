// A form made from the parameters of a query, in the author's order.

import { humanise } from "../columns/fields.js";
import { h } from "../parts/dom.js";
import { check, range, sentence } from "./check.js";
import { controlOf } from "./controls.js";
import { nameOf } from "./question.js";

/** @typedef {import("../types").Parameter} Parameter */
/** @typedef {import("../types").Query} Query */
/** @typedef {{ parameter: Parameter, inputs: HTMLElement[], error: HTMLElement, read: () => string }} Entry */

export class Form {
  /**
   * @param {Query} query
   * @param {Record<string, string>} values
   * @param {object} on
   * @param {(values: Record<string, string>, stepped: boolean) => void} on.ask `stepped`: by an arrow, where the focus stays
   * @param {(parameter: Parameter) => Promise<string[]>} on.values lists what `parameter.values` names
   */
  constructor(query, values, on) {
    this.query = query;
    this.on = on;
    /** @type {Entry[]} */
    this.entries = [];
    const fields = query.parameters.map((parameter) => this.#field(parameter, values[parameter.name]));
    this.submit = h("button", { type: "submit", class: "primary", id: `ask-${query.query}`, text: "Show" });
    this.element = h(
      "form",
      { novalidate: true, "aria-label": nameOf(query.query, query), on: { submit: (/** @type {SubmitEvent} */ event) => this.#ask(event) } },
      ...fields,
      this.submit,
    );
  }

  /**
   * Shows what the gateway says about a parameter; false if it is about none of them.
   * @param {string} message `name: what is allowed`
   */
  refuse(message) {
    const [, name, allowed] = /^([a-z][a-z0-9_]*): (.*)$/s.exec(message) ?? [];
    const entry = this.entries.find(({ parameter }) => parameter.name === name);
    if (!entry) return false;
    tell(entry, sentence(allowed));
    entry.inputs[0].focus();
    return true;
  }

  /** Brings the cursor to the first field. */
  focus() {
    (this.entries[0]?.inputs[0] ?? this.submit).focus();
  }

  /** @param {SubmitEvent} event */
  #ask(event) {
    event.preventDefault();
    /** @type {Record<string, string>} */
    const values = {};
    /** @type {Entry | undefined} */
    let wrong;
    for (const entry of this.entries) {
      const value = entry.read();
      const problem = check(entry.parameter, value);
      tell(entry, problem);
      if (problem) wrong ??= entry;
      else if (value) values[entry.parameter.name] = value;
    }
    if (wrong) wrong.inputs[0].focus();
    else this.on.ask(values, !event.isTrusted);
  }

  /**
   * @param {Parameter} parameter
   * @param {string | undefined} given
   */
  #field(parameter, given) {
    const id = `field-${parameter.name}`;
    const hint = [parameter.description, range(parameter)].filter(Boolean).join(" \u00b7 ");
    const error = h("p", { class: "error", id: `${id}-error`, "aria-live": "polite" });
    const described = hint ? `${id}-hint ${id}-error` : `${id}-error`;
    const value = given ?? parameter.default ?? "";
    const first = controlOf(parameter, id, value, described, null);
    /** @type {Entry} */
    const entry = { parameter, error, inputs: first.inputs, read: first.read };
    this.entries.push(entry);
    const label = h("span", { text: parameter.label ?? humanise(parameter.name) });
    const optional = parameter.default !== undefined && h("small", { text: "optional" });
    const below = [hint ? h("p", { class: "hint", id: `${id}-hint`, text: hint }) : null, error];
    const field =
      first.inputs.length > 1
        ? h("fieldset", { class: "field", "aria-describedby": described }, h("legend", {}, label, optional), first.control, ...below)
        : h("div", { class: "field" }, h("label", { for: id }, label, optional), first.control, ...below);
    if (parameter.values) {
      void this.on.values(parameter).then((listed) => {
        const typed = entry.read();
        const newest = parameter.latest ? listed[0] : "";
        const listing = controlOf(parameter, id, typed || newest || "", described, listed);
        const focused = field.contains(document.activeElement) ? document.activeElement?.id : "";
        first.control.replaceWith(listing.control);
        Object.assign(entry, { inputs: listing.inputs, read: listing.read });
        if (focused) document.getElementById(focused)?.focus();
      });
    }
    return field;
  }
}

/**
 * @param {Entry} entry
 * @param {string} problem
 */
function tell(entry, problem) {
  entry.error.textContent = problem;
  for (const input of entry.inputs) {
    if (problem) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }
}
