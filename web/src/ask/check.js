// What is wrong with a value, as the gateway would see it, told as what to do.

/** @typedef {import("../types").Parameter} Parameter */

const NUMBER = /^-?[0-9]{1,38}(\.[0-9]{1,38})?([eE][+-]?[0-9]{1,3})?$/;
const INTEGER = /^-?[0-9]{1,19}$/;
const MISSING = {
  month: "Choose a month.",
  date: "Choose a date.",
  integer: "Enter a whole number.",
  number: "Enter a number.",
  text: "Enter a text.",
  choice: "Choose one.",
};

/**
 * Empty if nothing is wrong.
 * @param {Parameter} parameter
 * @param {string} value
 */
export function check(parameter, value) {
  const { type, minimum, maximum } = parameter;
  if (!value) return parameter.default === undefined ? MISSING[type] : "";
  const within = range(parameter);
  const allowed = (/** @type {string} */ what) => sentence(`${what} ${within}`.trim());
  if (type === "month" || type === "date") {
    const what = type === "month" ? "Enter a month as YYYY-MM," : "Enter a date as YYYY-MM-DD,";
    const form = type === "month" ? /^[0-9]{4}-(0[1-9]|1[0-2])$/ : /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
    // ISO dates and months sort as text.
    if (!form.test(value) || (minimum && value < minimum) || (maximum && value > maximum)) return allowed(what);
  }
  if (type === "integer" || type === "number") {
    const what = type === "integer" ? "Enter a whole number" : "Enter a number";
    if (!(type === "integer" ? INTEGER : NUMBER).test(value)) return allowed(what);
    const number = Number(value);
    if ((minimum && number < Number(minimum)) || (maximum && number > Number(maximum))) return allowed(what);
  }
  return "";
}

/** @param {Parameter} parameter */
export function range({ minimum, maximum, max_length }) {
  if (max_length) return `up to ${max_length} characters`;
  if (minimum && maximum) return `from ${minimum} to ${maximum}`;
  if (minimum) return `from ${minimum}`;
  return maximum ? `up to ${maximum}` : "";
}

/** @param {string} text */
export function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1).replace(/,$/, "") + (/[.!?]$/.test(text) ? "" : ".");
}
