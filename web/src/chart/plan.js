// Which chart fits an answer.

import { formatCell, seconds } from "../columns/columns.js";

/** @typedef {import("../types").Row} Row */
/** @typedef {import("../columns/columns.js").Field} Field */

/**
 * @typedef {object} Plan
 * @property {"time" | "number" | "category"} axis
 * @property {Field} x
 * @property {Field[]} measures
 * @property {Row[]} rows in the order of x
 * @property {number[]} at where the rows stand on the axis
 */

const MOST_BARS = 92;
const MOST_CATEGORIES = 40;

/**
 * @param {Field[]} fields
 * @param {Row[]} rows
 * @returns {Plan | string} or why none fits
 */
export function plan(fields, rows) {
  const numbers = fields.filter(({ kind }) => kind === "number");
  if (!numbers.length) return "No number to draw: the table says it all.";
  if (rows.length < 2) return "One row is no curve: the figures above say it all.";
  for (const x of fields.filter(({ kind }) => kind === "time")) {
    const found = along(rows, x, seconds);
    if (found) return make("time", x, numbers, found);
  }
  const names = fields.find(({ kind }) => kind === "text");
  if (names && rows.length <= MOST_CATEGORIES && new Set(rows.map((row) => row[names.index])).size === rows.length) {
    return { axis: "category", x: names, measures: numbers, rows, at: rows.map((_, at) => at) };
  }
  const [first, ...others] = numbers;
  const found = others.length && first.index === 0 && along(rows, first, Number);
  if (found) return make("number", first, others, found);
  return "No column tells the rows apart, so there is no axis to draw along.";
}

/**
 * @param {"time" | "number"} axis
 * @param {Field} x
 * @param {Field[]} numbers
 * @param {{ rows: Row[], at: number[] }} found
 * @returns {Plan}
 */
function make(axis, x, numbers, { rows, at }) {
  return { axis, x, measures: numbers, rows, at };
}

/**
 * The rows in the order of a column; null if two share a place or one has none.
 * @param {Row[]} rows
 * @param {Field} field
 * @param {(value: import("../types").Cell) => number} place
 */
function along(rows, field, place) {
  const placed = rows.map((row) => ({ row, at: row[field.index] === null ? NaN : place(row[field.index]) }));
  placed.sort((a, b) => a.at - b.at);
  for (let i = 0; i < placed.length; i++) {
    if (!Number.isFinite(placed[i].at) || placed[i].at === placed[i - 1]?.at) return null;
  }
  return { rows: placed.map(({ row }) => row), at: placed.map(({ at }) => at) };
}

/**
 * Bars for what adds up, as long as they can be told apart; a line for averages and rates, whose zero says nothing.
 * @param {Plan} chart
 * @param {Field} measure
 * @returns {"bars" | "line"}
 */
export function kindOf({ axis, rows }, measure) {
  return axis === "category" || (measure.sum && rows.length <= MOST_BARS) ? "bars" : "line";
}

const DAY = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeZone: "UTC" });
const MINUTE = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });

/**
 * The name of a row on the axis, in full.
 * @param {Plan} chart
 * @param {number} index
 */
export function nameOf({ axis, x, rows, at }, index) {
  if (axis !== "time") return formatCell(rows[index][x.index], x);
  return (x.type === "date" ? DAY : MINUTE).format(new Date(at[index] * 1000));
}
