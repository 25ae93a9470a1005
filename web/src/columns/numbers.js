// How numbers are written: grouped, shortened, with a unit. What a column is, fields.js knows.

const MINUS = "\u2212";
/** From here on even "T" needs four digits before the point. */
const BEYOND_SHORT = 1e15;
const SUPERSCRIPT = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079";

/** @type {Map<string, Intl.NumberFormat>} */
const formats = new Map();

/**
 * @param {number} value
 * @param {number} decimals
 * @param {boolean} [grouped]
 */
export function formatNumber(value, decimals, grouped = true) {
  const key = `${decimals}${grouped}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals, useGrouping: grouped });
    formats.set(key, format);
  }
  return format.format(value).replace("-", MINUS);
}

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/**
 * 12.3K, 4.1M, 7.2T; a power of ten beyond.
 * @param {number} value
 */
export function formatShort(value) {
  if (Math.abs(value) >= BEYOND_SHORT * 0.99995) return formatPower(value, 1);
  return compact.format(value).replace("-", MINUS);
}

/**
 * 1.8 x 10^16, for what is too large or too small to be written out.
 * @param {number} value
 * @param {number} decimals
 */
export function formatPower(value, decimals) {
  if (value === 0) return "0";
  const [digits, power] = value.toExponential(decimals).split("e");
  const raised = power.replace("+", "").replace("-", "\u207b").replace(/[0-9]/g, (digit) => SUPERSCRIPT[Number(digit)]);
  return `${digits.replace("-", MINUS)}\u00a0\u00d7\u00a010${raised}`;
}

/**
 * A number that is text keeps every digit: a DECIMAL, or an integer beyond 2^53.
 * @param {string} text
 * @param {number} decimals written at least
 * @param {boolean} [grouped]
 */
export function formatExact(text, decimals, grouped = true) {
  const match = /^(-?)([0-9]+)(?:\.([0-9]+))?$/.exec(text);
  if (!match) return text;
  const whole = grouped ? match[2].replace(/\B(?=([0-9]{3})+$)/g, ",") : match[2];
  const fraction = (match[3] ?? "").padEnd(decimals, "0");
  return (match[1] && MINUS) + whole + (fraction && `.${fraction}`);
}

/**
 * A number with its unit: currency signs stand first.
 * @param {string} text
 * @param {string} unit
 */
export function withUnit(text, unit) {
  if (!unit) return text;
  if (/^\p{Sc}$/u.test(unit)) return text.startsWith(MINUS) ? MINUS + unit + text.slice(1) : unit + text;
  return unit === "%" ? text + unit : `${text}\u00a0${unit}`;
}
