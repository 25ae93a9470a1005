// What the columns of an answer are, and how their values are written: one rule for a column.

import { formatExact, formatNumber, formatPower } from "./numbers.js";

/** @typedef {import("../types").Column} Column */
/** @typedef {import("../types").Cell} Cell */
/** @typedef {import("../types").Row} Row */
/** @typedef {import("../types").ColumnOptions} ColumnOptions */

/**
 * @typedef {object} Field a column as the page shows it
 * @property {number} index
 * @property {string} name
 * @property {string} label
 * @property {string} unit
 * @property {string} type Redshift's name
 * @property {"number" | "time" | "bool" | "text"} kind
 * @property {"measure" | "name" | ""} role a number measures something or names something
 * @property {boolean} sum whether adding its values up says something
 * @property {boolean} whole whether all its values are whole numbers
 * @property {number} decimals
 * @property {boolean} grouped
 * @property {boolean} power whether its values are too large or too small to be written out
 * @property {boolean} percent whether 0.12 is written as 12%
 */

const NUMBERS = /^(int|float|numeric|decimal|smallint|bigint|real|double|oid)/;
const TIMES = /^(date|timestamp)/;
const UNITS = /** @type {const} */ ({ hours: "h", minutes: "min", seconds: "s", percent: "%", pct: "%" });
/** Words at the end of a name, or alone, whose numbers name something. */
const NAMES = /(^|_)(id|key|code|no|nr|number|year|yr|quarter|month|week|weekday|day|dow|hour|zip|zipcode|postcode|rank|position|version)$|^(id|key|code)_/;
/** Except where they count what they name. */
const COUNTED = /^(total|sum|count|num|n|avg|mean|min|max|per)_/;
const NO_SUM = /^(avg|average|mean|median|min|max|rate|ratio|share|pct|percent)_|_(avg|average|mean|median|min|max|rate|ratio|share|pct|percent)$/;
/** Enough rows to see how precise a column is. */
const SAMPLE = 2_000;
const MOST_WRITTEN = 1e15;
const LEAST_WRITTEN = 1e-6;

/**
 * `total_trips` as people write it.
 * @param {string} name
 */
export function humanise(name) {
  const text = name.replaceAll("_", " ").trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/**
 * @param {Column[]} columns
 * @param {Row[]} rows
 * @param {Record<string, ColumnOptions>} [told] what the author says about columns
 * @returns {Field[]}
 */
export function fieldsOf(columns, rows, told = {}) {
  return columns.map(({ name, type }, index) => {
    const options = told[name] ?? {};
    const word = name.split("_").at(-1) ?? "";
    const kind = NUMBERS.test(type) ? "number" : TIMES.test(type) ? "time" : type === "bool" ? "bool" : "text";
    const seen = kind === "number" ? look(rows, index) : { whole: false, decimals: 0, power: false };
    const names = options.role === "name" || options.format === "plain" || (seen.whole && NAMES.test(name) && !COUNTED.test(name));
    const role = kind !== "number" ? "" : (options.role ?? (names ? "name" : "measure"));
    return {
      index,
      name,
      type,
      kind,
      role,
      label: options.label ?? humanise(name),
      unit: options.unit ?? UNITS[/** @type {keyof typeof UNITS} */ (word)] ?? "",
      sum: options.sum ?? (options.format !== "percent" && !NO_SUM.test(name)),
      whole: seen.whole,
      decimals: options.decimals ?? (options.format === "percent" ? 1 : seen.decimals),
      grouped: role !== "name" && options.format !== "plain",
      power: seen.power,
      percent: options.format === "percent",
    };
  });
}

/**
 * How precise a column is: no decimals for whole numbers, those of its DECIMALs, two for most floats, more for small ones.
 * @param {Row[]} rows
 * @param {number} index
 */
function look(rows, index) {
  let most = 0;
  let least = Infinity;
  let whole = true;
  let floats = false;
  let decimals = 0;
  for (let at = 0; at < Math.min(rows.length, SAMPLE); at++) {
    const value = rows[at][index];
    if (value === null || value === undefined) continue;
    const number = Math.abs(Number(value));
    if (!Number.isFinite(number)) continue;
    const fraction = typeof value === "string" ? /\.([0-9]+)$/.exec(value) : null;
    if (fraction) decimals = Math.max(decimals, fraction[1].length);
    if (fraction || !Number.isInteger(number)) whole = false;
    if (typeof value === "number" && !Number.isSafeInteger(value)) {
      floats = true;
      if (number < least) least = number;
    }
    if (number > most) most = number;
  }
  if (floats && (most >= MOST_WRITTEN || (most < LEAST_WRITTEN && least < LEAST_WRITTEN))) return { whole, decimals: 3, power: true };
  if (whole || !floats) return { whole, decimals, power: false };
  return { whole, decimals: most >= 1 || most === 0 ? 2 : Math.min(2 + Math.ceil(-Math.log10(most)), 8), power: false };
}

/**
 * @param {Cell} value
 * @param {Field} field
 * @returns {string}
 */
export function formatCell(value, field) {
  if (value === null || value === undefined) return "null";
  if (field.kind === "number") {
    const number = Number(value);
    if (!Number.isFinite(number)) return String(value).replace("-", "\u2212");
    if (field.power) return formatPower(number, field.decimals);
    if (field.percent) return `${formatNumber(number * 100, field.decimals)}%`;
    if (typeof value === "string" || Number.isSafeInteger(value)) {
      const text = String(value);
      // An author's number of decimals may be fewer than a value has.
      const cut = (text.split(".")[1]?.length ?? 0) > field.decimals;
      return cut ? formatNumber(number, field.decimals, field.grouped) : formatExact(text, field.decimals, field.grouped);
    }
    return formatNumber(number, field.decimals, field.grouped);
  }
  if (field.kind === "time") return String(value).replace("T", " ");
  return String(value);
}

/**
 * Whether a value is a number that a chart can draw.
 * @param {Cell} value
 */
export function isDrawable(value) {
  return value !== null && Math.abs(Number(value)) < 1e100;
}

/**
 * Orders values of a column; null comes last in either direction.
 * @param {Field} field
 * @param {1 | -1} direction
 * @returns {(a: Cell, b: Cell) => number}
 */
export function comparer(field, direction) {
  const texts = new Intl.Collator("en", { numeric: true });
  return (a, b) => {
    if (a === null || b === null) return (a === null ? 1 : 0) - (b === null ? 1 : 0);
    if (field.kind === "number") return direction * compareNumbers(a, b);
    if (field.kind === "time" || typeof a === "boolean") return direction * (a < b ? -1 : a > b ? 1 : 0);
    return direction * texts.compare(String(a), String(b));
  };
}

/**
 * @param {NonNullable<Cell>} a
 * @param {NonNullable<Cell>} b
 */
function compareNumbers(a, b) {
  const [first, second] = [Number(a), Number(b)];
  // NaN stands above everything, as in Redshift.
  if (Number.isNaN(first) || Number.isNaN(second)) return Number(Number.isNaN(first)) - Number(Number.isNaN(second));
  if (first !== second) return first < second ? -1 : 1;
  if (typeof a !== "string" || typeof b !== "string") return 0;
  // Beyond 2^53 two texts can be the same number to JavaScript.
  if (/^-?[0-9]+$/.test(a) && /^-?[0-9]+$/.test(b)) {
    const exact = BigInt(a) - BigInt(b);
    return exact < 0n ? -1 : exact > 0n ? 1 : 0;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}
