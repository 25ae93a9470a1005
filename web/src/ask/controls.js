// The control of one parameter: a picker, a list, a few choices, or a field to write into.

import { inWords } from "../columns/moments.js";
import { h } from "../parts/dom.js";
import { neighbour, stepper } from "./stepper.js";

/** @typedef {import("../types").Parameter} Parameter */
/** @typedef {{ control: HTMLElement, inputs: HTMLElement[], read: () => string }} Control */

/** As many choices are seen at once; more are in a list. */
const FEW = 4;

/**
 * @param {Parameter} parameter
 * @param {string} id
 * @param {string} value
 * @param {string} described ids of what describes it
 * @param {string[] | null} listed values that another query lists, newest first where they are months or dates
 * @returns {Control}
 */
export function controlOf(parameter, id, value, described, listed) {
  const shared = { id, name: parameter.name, value, "aria-describedby": described, autocomplete: "off" };
  const bounds = { min: parameter.minimum, max: parameter.maximum };
  if (listed?.length) return list(parameter, id, value, described, listed);
  switch (parameter.type) {
    case "choice":
      return choices(parameter, id, value, described);
    case "month":
    case "date": {
      // Where there is no month picker it is a text field, and its placeholder tells the form.
      const placeholder = parameter.type === "month" ? "YYYY-MM" : "YYYY-MM-DD";
      const input = h("input", { ...shared, ...bounds, type: parameter.type, placeholder });
      const control = stepper(input, parameter, (by) => neighbour(input.value, by, parameter));
      return { control, inputs: [input], read: () => input.value.trim() };
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

/**
 * @param {Parameter} parameter
 * @param {string} id
 * @param {string} value
 * @param {string} described
 * @param {string[]} listed
 * @returns {Control}
 */
function list(parameter, id, value, described, listed) {
  // A link may hold a value that is no longer listed.
  const all = !value || listed.includes(value) ? listed : [value, ...listed];
  const select = options(parameter, id, value, described, all);
  const ordered = parameter.type === "month" || parameter.type === "date" ? [...all].sort() : all;
  const control = stepper(select, parameter, (by) => {
    const at = ordered.indexOf(select.value);
    return ordered[at < 0 ? ordered.length - 1 : Math.max(0, Math.min(at + by, ordered.length - 1))];
  });
  return { control, inputs: [select], read: () => select.value };
}

/**
 * @param {Parameter} parameter
 * @param {string} id
 * @param {string} value
 * @param {string} described
 * @returns {Control}
 */
function choices(parameter, id, value, described) {
  const all = parameter.choices ?? [];
  if (all.length > FEW || all.length < 2) {
    const select = options(parameter, id, value, described, all);
    return { control: select, inputs: [select], read: () => select.value };
  }
  const inputs = all.map((choice, at) =>
    h("input", { type: "radio", id: at ? `${id}-${at}` : id, name: parameter.name, value: choice, checked: choice === value }),
  );
  const control = h("div", { class: "choices" }, ...inputs.map((input) => h("label", {}, input, h("span", { text: input.value }))));
  return { control, inputs, read: () => inputs.find((input) => input.checked)?.value ?? "" };
}

/**
 * @param {Parameter} parameter
 * @param {string} id
 * @param {string} value
 * @param {string} described
 * @param {string[]} all
 */
function options(parameter, id, value, described, all) {
  const empty = value ? null : h("option", { value: "", text: "Choose\u2026" });
  return h(
    "select",
    { id, name: parameter.name, "aria-describedby": described },
    empty,
    ...all.map((choice) => h("option", { value: choice, selected: choice === value, text: inWords(choice) })),
  );
}
