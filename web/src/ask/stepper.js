// A field between two arrows, each of which asks at once: the month, day or listed value before and after.

import { h, icon } from "../parts/dom.js";

/** @typedef {import("../types").Parameter} Parameter */

/** Clicks in quick succession ask once. */
const PAUSE_MS = 250;
const NAMES = { month: "month", date: "day", integer: "value", number: "value", text: "value", choice: "value" };

/**
 * @param {HTMLInputElement | HTMLSelectElement} field
 * @param {Parameter} parameter
 * @param {(by: 1 | -1) => string} step the value next to the present one
 */
export function stepper(field, parameter, step) {
  /** @type {number | undefined} */
  let later;
  const arrow = (/** @type {1 | -1} */ by) => {
    const click = () => {
      const value = step(by);
      if (value === field.value) return;
      field.value = value;
      clearTimeout(later);
      // The form says that it was an arrow by having no submitter: the focus stays where it is.
      later = setTimeout(() => field.form?.dispatchEvent(new SubmitEvent("submit", { cancelable: true })), PAUSE_MS);
    };
    const label = `${by < 0 ? "Previous" : "Next"} ${NAMES[parameter.type]}`;
    return h("button", { type: "button", id: `${field.id}-${by < 0 ? "before" : "after"}`, "aria-label": label, on: { click } }, icon(by < 0 ? "left" : "right"));
  };
  return h("div", { class: "stepper" }, arrow(-1), field, arrow(1));
}

/**
 * The month or day next to a value, within the limits; without a value, the newest one that is allowed.
 * @param {string} value
 * @param {1 | -1} by
 * @param {Parameter} parameter
 */
export function neighbour(value, by, { type, minimum, maximum }) {
  const length = type === "month" ? 7 : 10;
  const known = value.length === length && Number.isFinite(Date.parse(value));
  if (!known) return within(new Date().toISOString().slice(0, length), minimum, maximum);
  const [year, month, day] = value.split("-").map(Number);
  const moved = type === "month" ? Date.UTC(year, month - 1 + by, 1) : Date.UTC(year, month - 1, day + by);
  return within(new Date(moved).toISOString().slice(0, length), minimum, maximum);
}

/**
 * @param {string} value
 * @param {string | undefined} minimum
 * @param {string | undefined} maximum
 */
function within(value, minimum, maximum) {
  if (minimum && value < minimum) return minimum;
  return maximum && value > maximum ? maximum : value;
}
