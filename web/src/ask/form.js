// A form made from the parameters of a query.

import { humanise } from "../columns/columns.js";
import { h, icon } from "../parts/dom.js";

/** @typedef {import("../types").Parameter} Parameter */
/** @typedef {import("../types").Query} Query */

const FEW = 4;
const NUMBER = /^-?[0-9]{1,38}(\.[0-9]{1,38})?([eE][+-]?[0-9]{1,3})?$/;
const INTEGER = /^-?[0-9]{1,19}$/;

/** @typedef {{ value: string, parameter: Parameter, inputs: HTMLElement[], error: HTMLElement, read: () => string }} Entry */

export class Form {
  /**
   * @param {Query} query
   * @param {Record<string, string>} values
   * @param {(values: Record<string, string>) => void} onAsk
   */
  constructor(query, values, onAsk) {
    this.query = query;
    this.onAsk = onAsk;
    /** @type {Entry[]} */
    this.entries = [];
    const fields = query.parameters.map((parameter) => this.#field(parameter, values[parameter.name]));
    this.submit = h("button", { type: "submit", class: "primary", text: "Show" });
    this.element = h(
      "form",
      { novalidate: true, "aria-label": humanise(query.query), on: { submit: (/** @type {Event} */ event) => this.#ask(event) } },
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
    this.#tell(entry, sentence(allowed));
    entry.inputs[0].focus();
    return true;
  }

  /** @param {Event} event */
  #ask(event) {
    event.preventDefault();
    /** @type {Record<string, string>} */
    const values = {};
    /** @type {Entry | undefined} */
    let wrong;
    for (const entry of this.entries) {
      const value = entry.read();
      const problem = check(entry.parameter, value);
      this.#tell(entry, problem);
      if (problem) wrong ??= entry;
      else if (value) values[entry.parameter.name] = value;
    }
    if (wrong) wrong.inputs[0].focus();
    else this.onAsk(values);
  }

  /**
   * @param {Entry} entry
   * @param {string} problem
   */
  #tell(entry, problem) {
    entry.error.textContent = problem;
    for (const input of entry.inputs) {
      if (problem) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
  }

  /**
   * @param {Parameter} parameter
   * @param {string | undefined} given
   */
  #field(parameter, given) {
    const id = `field-${parameter.name}`;
    const value = given ?? parameter.default ?? "";
    const hint = [parameter.description, range(parameter)].filter(Boolean).join(" \u00b7 ");
    const error = h("p", { class: "error", id: `${id}-error`, "aria-live": "polite" });
    const described = hint ? `${id}-hint ${id}-error` : `${id}-error`;
    const { control, inputs, read } = this.#control(parameter, id, value, described);
    this.entries.push({ value, parameter, inputs, error, read });
    const label = h("span", { text: humanise(parameter.name) });
    const optional = parameter.default !== undefined && h("small", { text: "optional" });
    const below = [hint ? h("p", { class: "hint", id: `${id}-hint`, text: hint }) : null, error];
    if (inputs.length > 1) {
      return h("fieldset", { class: "field", "aria-describedby": described }, h("legend", {}, label, optional), control, ...below);
    }
    return h("div", { class: "field" }, h("label", { for: id }, label, optional), control, ...below);
  }

  /**
   * @param {Parameter} parameter
   * @param {string} id
   * @param {string} value
   * @param {string} described
   * @returns {{ control: HTMLElement, inputs: HTMLElement[], read: () => string }}
   */
  #control(parameter, id, value, described) {
    const shared = { id, name: parameter.name, value, "aria-describedby": described, autocomplete: "off" };
    const bounds = { min: parameter.minimum, max: parameter.maximum };
    switch (parameter.type) {
      case "choice":
        return choices(parameter, id, value, described);
      case "month": {
        // Where there is no month picker it is a text field, and its placeholder tells the form.
        const input = h("input", { ...shared, ...bounds, type: "month", placeholder: "YYYY-MM" });
        const step = (/** @type {number} */ by) => () => {
          input.value = shift(input.value || parameter.maximum || new Date().toISOString().slice(0, 7), by, parameter);
        };
        const control = h(
          "div",
          { class: "stepper" },
          h("button", { type: "button", "aria-label": "Month before", on: { click: step(-1) } }, icon("left")),
          input,
          h("button", { type: "button", "aria-label": "Month after", on: { click: step(1) } }, icon("right")),
        );
        return { control, inputs: [input], read: () => input.value.trim() };
      }
      case "date": {
        const input = h("input", { ...shared, ...bounds, type: "date" });
        return { control: input, inputs: [input], read: () => input.value };
      }
      case "integer":
      case "number": {
        // type=number would lose digits beyond 2^53.
        const mode = parameter.type === "integer" && !(Number(parameter.minimum) < 0) ? "numeric" : "decimal";
        const input = h("input", { ...shared, type: "text", inputmode: mode, class: "number" });
        return { control: input, inputs: [input], read: () => input.value.trim().replace(/^(-?)\./, "$10.") };
      }
      default: {
        const input = h("input", { ...shared, type: "text", maxlength: parameter.max_length });
        return { control: input, inputs: [input], read: () => input.value };
      }
    }
  }
}

/**
 * Few choices are seen at once, many are in a list.
 * @param {Parameter} parameter
 * @param {string} id
 * @param {string} value
 * @param {string} described
 */
function choices(parameter, id, value, described) {
  const all = parameter.choices ?? [];
  if (all.length > FEW || all.length < 2) {
    const empty = value ? null : h("option", { value: "", text: "Choose\u2026" });
    const select = h(
      "select",
      { id, name: parameter.name, "aria-describedby": described },
      empty,
      ...all.map((choice) => h("option", { value: choice, selected: choice === value, text: choice })),
    );
    return { control: select, inputs: [select], read: () => select.value };
  }
  const inputs = all.map((choice, at) =>
    h("input", { type: "radio", id: at ? `${id}-${at}` : id, name: parameter.name, value: choice, checked: choice === value }),
  );
  const control = h("div", { class: "choices" }, ...inputs.map((input) => h("label", {}, input, h("span", { text: input.value }))));
  return { control, inputs, read: () => inputs.find((input) => input.checked)?.value ?? "" };
}

/**
 * What is wrong with a value, as the gateway would see it; empty if nothing is.
 * @param {Parameter} parameter
 * @param {string} value
 */
function check(parameter, value) {
  const { type, minimum, maximum } = parameter;
  if (!value) return parameter.default === undefined ? "Needed." : "";
  const within = range(parameter);
  const allowed = (/** @type {string} */ what) => sentence(`${what} ${within}`.trim());
  if (type === "month" || type === "date") {
    const what = type === "month" ? "A month, YYYY-MM," : "A date, YYYY-MM-DD,";
    const form = type === "month" ? /^[0-9]{4}-(0[1-9]|1[0-2])$/ : /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
    // ISO dates and months sort as text.
    if (!form.test(value) || (minimum && value < minimum) || (maximum && value > maximum)) return allowed(what);
  }
  if (type === "integer" || type === "number") {
    const what = type === "integer" ? "A whole number" : "A number";
    if (!(type === "integer" ? INTEGER : NUMBER).test(value)) return allowed(what);
    const number = Number(value);
    if ((minimum && number < Number(minimum)) || (maximum && number > Number(maximum))) return allowed(what);
  }
  return "";
}

/** @param {Parameter} parameter */
function range({ minimum, maximum, max_length }) {
  if (max_length) return `up to ${max_length} characters`;
  if (minimum && maximum) return `from ${minimum} to ${maximum}`;
  if (minimum) return `from ${minimum}`;
  return maximum ? `up to ${maximum}` : "";
}

/** @param {string} text */
function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1).replace(/,$/, "") + (/[.!?]$/.test(text) ? "" : ".");
}

/**
 * @param {string} month
 * @param {number} by
 * @param {Parameter} parameter
 */
function shift(month, by, { minimum, maximum }) {
  const [year, number] = month.split("-").map(Number);
  const moved = new Date(Date.UTC(year, number - 1 + by, 1)).toISOString().slice(0, 7);
  if (minimum && moved < minimum) return minimum;
  return maximum && moved > maximum ? maximum : moved;
}
