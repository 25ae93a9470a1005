// What the columns of an answer are, and how their values are written.

/** @typedef {import("../types").Column} Column */
/** @typedef {import("../types").Cell} Cell */
/** @typedef {import("../types").Row} Row */
/** @typedef {import("../types").Config} Config */

/**
 * @typedef {object} Field a column as the page shows it
 * @property {number} index
 * @property {string} name
 * @property {string} label
 * @property {string} unit
 * @property {string} type Redshift's name
 * @property {"number" | "time" | "bool" | "text"} kind
 * @property {boolean} sum whether adding its values up says something
 * @property {number} decimals
 */

const NUMBERS = /^(int|float|numeric|decimal|smallint|bigint|real|double|oid)/;
const TIMES = /^(date|timestamp)/;
const UNITS = /** @type {const} */ ({ hours: "h", minutes: "min", seconds: "s", percent: "%", pct: "%" });
const NO_SUM = /^(avg|average|mean|median|min|max|rate|ratio|share|pct|percent)_|_(avg|average|mean|median|min|max|rate|ratio|share|pct|percent|id|code|year|month|day)$|^(id|year|month|day|hour)$/;
/** Enough rows to see how precise a column is. */
const SAMPLE = 2_000;

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
 * @param {Config["columns"]} told what config.json says about columns
 * @returns {Field[]}
 */
export function fieldsOf(columns, rows, told = {}) {
  return columns.map(({ name, type }, index) => {
    const { label, unit, sum } = told[name] ?? {};
    const word = name.split("_").at(-1) ?? "";
    const kind = NUMBERS.test(type) ? "number" : TIMES.test(type) ? "time" : type === "bool" ? "bool" : "text";
    return {
      index,
      name,
      type,
      kind,
      label: label ?? humanise(name),
      unit: unit ?? UNITS[/** @type {keyof typeof UNITS} */ (word)] ?? "",
      sum: sum ?? !NO_SUM.test(name),
      decimals: kind === "number" ? decimalsOf(rows, index) : 0,
    };
  });
}

/**
 * How many decimals do a column justice: none for whole numbers, two for most, more for small ones.
 * @param {Row[]} rows
 * @param {number} index
 */
function decimalsOf(rows, index) {
  let most = 0;
  let whole = true;
  for (let at = 0; at < Math.min(rows.length, SAMPLE); at++) {
    const value = rows[at][index];
    if (value === null || value === undefined) continue;
    const number = Math.abs(Number(value));
    if (!Number.isInteger(number)) whole = false;
    if (number > most && Number.isFinite(number)) most = number;
  }
  if (whole) return 0;
  return most >= 1 || most === 0 ? 2 : Math.min(2 + Math.ceil(-Math.log10(most)), 8);
}

/** @type {Map<number, Intl.NumberFormat>} */
const formats = new Map();

/**
 * @param {number} value
 * @param {number} decimals
 */
export function formatNumber(value, decimals) {
  let format = formats.get(decimals);
  if (!format) {
    format = new Intl.NumberFormat("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    formats.set(decimals, format);
  }
  return format.format(value).replace("-", "\u2212");
}

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** @param {number} value */
export function formatShort(value) {
  return compact.format(value).replace("-", "\u2212");
}

/**
 * A number with its unit: currency signs stand first.
 * @param {string} text
 * @param {string} unit
 */
export function withUnit(text, unit) {
  if (!unit) return text;
  if (/^\p{Sc}$/u.test(unit)) return text.startsWith("\u2212") ? `\u2212${unit}${text.slice(1)}` : unit + text;
  return unit === "%" ? text + unit : `${text}\u00a0${unit}`;
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
    if (!Number.isFinite(number)) return String(value);
    if (typeof value === "string") return formatExact(value);
    return formatNumber(number, field.decimals);
  }
  if (field.kind === "time") return String(value).replace("T", " ");
  return String(value);
}

/**
 * A number that came as text keeps every digit: a DECIMAL, or an integer beyond 2^53.
 * @param {string} value
 */
function formatExact(value) {
  const match = /^(-?)([0-9]+)(\.[0-9]+)?$/.exec(value);
  if (!match) return value;
  return (match[1] && "\u2212") + match[2].replace(/\B(?=([0-9]{3})+$)/g, ",") + (match[3] ?? "");
}

/**
 * Seconds since 1970 of an ISO date or timestamp; without a zone it is taken as UTC, so that no day moves.
 * @param {Cell} value
 */
export function seconds(value) {
  if (value === null) return NaN;
  let text = String(value).replace(" ", "T");
  if (!/(Z|[+-][0-9]{2}(:?[0-9]{2})?)$/.test(text.slice(10))) text += text.length > 10 ? "Z" : "T00:00Z";
  else text = text.replace(/([+-][0-9]{2})$/, "$1:00");
  return Date.parse(text) / 1000;
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
  const difference = Number(a) - Number(b);
  if (difference || typeof a !== "string" || typeof b !== "string") return difference || 0;
  // Beyond 2^53 two texts can be the same number to JavaScript.
  if (/^-?[0-9]+$/.test(a) && /^-?[0-9]+$/.test(b)) {
    const exact = BigInt(a) - BigInt(b);
    return exact < 0n ? -1 : exact > 0n ? 1 : 0;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}
