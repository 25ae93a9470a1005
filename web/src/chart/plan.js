// Which chart fits an answer, and what of it cannot be drawn.

import { formatCell } from "../columns/fields.js";
import { formatNumber } from "../columns/numbers.js";
import { nameOfMoment, seconds } from "../columns/moments.js";

/** @typedef {import("../types").Row} Row */
/** @typedef {import("../types").Cell} Cell */
/** @typedef {import("../columns/fields.js").Field} Field */

/**
 * @typedef {object} Plan
 * @property {"time" | "number" | "category"} axis
 * @property {Field} x
 * @property {Field[]} measures
 * @property {Row[]} rows in the order of x; of the first series, where there are several
 * @property {number[]} at where the rows stand on the axis
 * @property {Series[]} series one for each name, where a second column tells the rows of a place apart; else none
 * @property {string[]} notes what is left out
 */

/** @typedef {{ name: string, rows: (Row | null)[] }} Series */

const MOST_BARS = 92;
export const MOST_CATEGORIES = 40;
const MOST_SERIES = 6;
const MOST_ROWS_APART = 10_000;
/** A bar takes at least this part of the axis, or it is a hair. */
const LEAST_BAR = 1 / 130;

/**
 * @param {Field[]} fields
 * @param {Row[]} rows
 * @returns {Plan | string} or why none fits
 */
export function plan(fields, rows) {
  const measures = fields.filter(({ role }) => role === "measure");
  if (rows.length < 2) return "";
  if (!measures.length) return "This answer has no number to draw.";
  const times = fields.filter(({ kind }) => kind === "time");
  const texts = fields.filter(({ kind }) => kind === "text" || kind === "bool");
  const names = fields.filter(({ role }) => role === "name");
  for (const x of times) {
    const places = placesOf(rows, x, seconds);
    const found = along(places);
    if (found) return { axis: "time", x, measures, series: [], ...found };
    for (const by of [...texts, ...names]) {
      const series = apart(places, by);
      if (series) return { axis: "time", x, measures, ...series };
    }
  }
  // Years and the like are an axis; ids far from each other are names.
  for (const x of names) {
    const found = along(placesOf(rows, x, Number));
    if (found && found.at.length > 1 && /** @type {number} */ (found.at.at(-1)) - found.at[0] <= 2 * found.at.length) {
      return { axis: "number", x, measures, series: [], ...found };
    }
  }
  for (const x of [...texts, ...names]) {
    const found = among(rows, x);
    if (found) return { axis: "category", x, measures, series: [], ...found };
  }
  const [first, ...others] = measures;
  const found = others.length && first.index === 0 && along(placesOf(rows, first, Number));
  if (found) return { axis: "number", x: first, measures: others, series: [], ...found };
  return "No column tells the rows apart, so there is no axis to draw along.";
}

/** @typedef {{ placed: { row: Row, at: number }[], notes: string[] }} Places rows in the order of a column, without those that have no place in it */

/**
 * One series; null if two rows share a place.
 * @param {Places} places
 */
function along({ placed, notes }) {
  if (placed.length < 2 || placed.some(({ at }, i) => at === placed[i - 1]?.at)) return null;
  return { rows: placed.map(({ row }) => row), at: placed.map(({ at }) => at), notes };
}

/**
 * @param {Row[]} rows
 * @param {Field} field
 * @param {(value: Cell) => number} place
 * @returns {Places}
 */
function placesOf(rows, field, place) {
  const all = rows.map((row) => ({ row, at: row[field.index] === null ? NaN : place(row[field.index]) }));
  const placed = all.filter(({ at }) => Number.isFinite(at));
  if (placed.some(({ at }, i) => at < placed[i - 1]?.at)) placed.sort((a, b) => a.at - b.at);
  const left = all.length - placed.length;
  return { placed, notes: left ? [`${rowsOf(left)} without ${field.label.toLowerCase()} left out`] : [] };
}

/**
 * The first categories, each its own; null if a name comes twice.
 * @param {Row[]} rows
 * @param {Field} x
 */
function among(rows, x) {
  const named = rows.filter((row) => row[x.index] !== null);
  const shown = named.slice(0, MOST_CATEGORIES);
  if (shown.length < 2 || new Set(named.map((row) => row[x.index])).size < named.length) return null;
  const notes = named.length > shown.length ? [`the first ${shown.length} of ${formatNumber(named.length, 0)}`] : [];
  if (named.length < rows.length) notes.push(`${rowsOf(rows.length - named.length)} without ${x.label.toLowerCase()} left out`);
  return { rows: shown, at: shown.map((_, at) => at), notes };
}

/**
 * Several series: the rows of a place told apart by a second column; null if that does not do.
 * @param {Places} places
 * @param {Field} by
 */
function apart({ placed, notes: left }, by) {
  const notes = [...left];
  // Six series of a thousand places are what one can still see.
  if (placed.length > MOST_ROWS_APART) return null;
  const at = [...new Set(placed.map((one) => one.at))];
  const where = new Map(at.map((place, index) => [place, index]));
  /** @type {Map<string, (Row | null)[]>} */
  const series = new Map();
  for (const { row, at: place } of placed) {
    const name = formatCell(row[by.index], by);
    const line = series.get(name) ?? Array.from(at, () => null);
    const index = /** @type {number} */ (where.get(place));
    if (line[index]) return null;
    line[index] = row;
    series.set(name, line);
  }
  if (at.length < 2 || series.size < 2) return null;
  const all = [...series].map(([name, lines]) => ({ name, rows: lines }));
  if (all.length > MOST_SERIES) notes.push(`the first ${MOST_SERIES} of ${formatNumber(all.length, 0)} by ${by.label.toLowerCase()}`);
  const shown = all.slice(0, MOST_SERIES);
  return { rows: at.map((_, index) => /** @type {Row} */ (shown.map((one) => one.rows[index]).find(Boolean) ?? [])), at, series: shown, notes };
}

/**
 * Bars for what adds up, as long as they can be told apart; a line for averages, rates and moments; dots where the
 * places are too far from each other to say anything about what lies between.
 * @param {Plan} chart
 * @param {Field} measure
 * @param {import("../types").ChartKind | undefined} preferred
 * @returns {"bars" | "line" | "dots"}
 */
export function kindOf(chart, measure, preferred) {
  const { axis, at, x, series } = chart;
  if (axis === "category") return "bars";
  if (series.length) return "line";
  const gaps = at.slice(1).map((place, i) => place - at[i]).sort((a, b) => a - b);
  const range = at[at.length - 1] - at[0];
  const fits = gaps[0] / (range + gaps[0]) >= LEAST_BAR && at.length <= MOST_BARS;
  const uneven = gaps[gaps.length - 1] > 40 * gaps[Math.floor(gaps.length / 2)];
  if (preferred === "bars" && fits) return "bars";
  if (preferred === "line") return uneven ? "dots" : "line";
  const moments = axis === "time" && x.type !== "date";
  if (measure.sum && fits && !moments) return "bars";
  return uneven ? "dots" : "line";
}

/**
 * The name of a row on the axis, in full.
 * @param {Plan} chart
 * @param {number} index
 */
export function nameOf({ axis, x, rows, at }, index) {
  if (axis === "time") return nameOfMoment(at[index], x.type === "date");
  return formatCell(rows[index][x.index], x);
}

/** @param {number} count */
function rowsOf(count) {
  return `${formatNumber(count, 0)} ${count === 1 ? "row" : "rows"}`;
}
