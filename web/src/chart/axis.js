// Axes: where they begin and end, and what their ticks say.

import { formatCell } from "../columns/fields.js";
import { formatNumber, formatShort } from "../columns/numbers.js";

/** @typedef {import("./plan.js").Plan} Plan */
/** @typedef {import("../columns/fields.js").Field} Field */

const DAY = 86_400;
const MOST_LETTERS = 16;

/**
 * Room for half a bar at both ends.
 * @param {Plan} plan
 * @param {number} low
 * @param {number} high
 * @returns {[number, number]}
 */
export function widen({ at }, low, high) {
  let gap = Infinity;
  for (let i = 1; i < at.length; i++) gap = Math.min(gap, at[i] - at[i - 1]);
  return [low - gap * 0.6, high + gap * 0.6];
}

/**
 * What adds up stands on zero, or its height lies.
 * @param {number} low
 * @param {number} high
 * @returns {[number, number]}
 */
export function fromZero(low, high) {
  const top = Math.max(high, 0);
  const bottom = Math.min(low, 0);
  const room = (top - bottom || 1) * 0.06;
  return [bottom && bottom - room, top || bottom === 0 ? top + room : 0];
}

/**
 * @param {number} low
 * @param {number} high
 * @returns {[number, number]}
 */
export function around(low, high) {
  const room = (high - low || Math.abs(high) || 1) * 0.08;
  return [low >= 0 && low < room * 4 ? 0 : low - room, high + room];
}

/** Steps of a scale of whole numbers. */
export const WHOLE = Array.from({ length: 57 }, (_, at) => [1, 2, 5][at % 3] * 10 ** Math.floor(at / 3));

/**
 * Steps of the axis below; undefined leaves them to the chart library.
 * @param {Plan} plan
 */
export function increments({ axis, x }) {
  if (axis === "number") return x.whole ? WHOLE : undefined;
  if (axis === "category") return undefined;
  // Dates have no ticks between days.
  const days = [1, 2, 7, 14, 30, 60, 90, 180, 365, 730, 1825, 3650].map((count) => count * DAY);
  return x.type === "date" ? days : [1, 5, 15, 30, 60, 300, 900, 3600, 10_800, 21_600, 43_200, ...days];
}

/**
 * A level of the axis, as precise as its steps.
 * @param {number} value
 * @param {number} step
 * @param {Field} measure
 */
export function level(value, step, measure) {
  if (measure.percent) return `${formatNumber(value * 100, step * 100 < 1 ? 1 : 0)}%`;
  return step < 1 && step > 1e-9 ? formatNumber(value, Math.ceil(-Math.log10(step) - 1e-9)) : formatShort(value);
}

/** @type {Record<string, Intl.DateTimeFormat>} */
const FORMATS = {
  year: new Intl.DateTimeFormat("en-GB", { year: "numeric", timeZone: "UTC" }),
  month: new Intl.DateTimeFormat("en-GB", { month: "short", year: "numeric", timeZone: "UTC" }),
  day: new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" }),
  minute: new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "UTC" }),
  second: new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: "UTC" }),
};

/**
 * @param {Plan} plan
 * @param {number} at
 * @param {number} step
 */
export function tick(plan, at, step) {
  if (plan.axis === "category") {
    const name = formatCell(plan.rows[at]?.[plan.x.index] ?? "", plan.x);
    return name.length > MOST_LETTERS ? `${name.slice(0, MOST_LETTERS - 1)}\u2026` : name;
  }
  if (plan.axis === "number") return plan.x.role === "name" ? formatCell(at, plan.x) : level(at, step, plan.x);
  const unit = step >= 365 * DAY ? "year" : step >= 30 * DAY ? "month" : step >= DAY ? "day" : step >= 60 ? "minute" : "second";
  return FORMATS[unit].format(new Date(at * 1000));
}
