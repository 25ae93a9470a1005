// The sum of a column without losing a digit: integers and DECIMALs are added as whole numbers of their smallest place.

import { formatExact } from "./numbers.js";

/** @typedef {import("../types").Row} Row */

/**
 * @typedef {object} Sum
 * @property {number} value
 * @property {string | null} exact the digits; null where a column is of floating point
 * @property {bigint} units in places of `scale` decimals
 * @property {number} scale
 * @property {number} counted rows that have a number
 * @property {number} odd rows whose value is no finite number, and is not in the sum
 */

const EXACT = /^(-?)([0-9]+)(?:\.([0-9]+))?$/;

/**
 * @param {Row[]} rows
 * @param {number} index
 * @returns {Sum}
 */
export function sumOf(rows, index) {
  let float = 0;
  let small = 0;
  let whole = true;
  let counted = 0;
  let odd = 0;
  let scale = 0;
  let units = 0n;
  for (const row of rows) {
    const value = row[index];
    if (value === null || value === undefined) continue;
    const number = Number(value);
    if (!Number.isFinite(number)) {
      odd++;
      continue;
    }
    counted++;
    float += number;
    if (!whole) continue;
    if (Number.isSafeInteger(value) && Number.isSafeInteger(small + number)) {
      small += number;
      continue;
    }
    const match = EXACT.exec(String(value));
    if (!match || (typeof value === "number" && !Number.isSafeInteger(value))) {
      whole = false;
      continue;
    }
    const fraction = match[3] ?? "";
    if (fraction.length > scale) {
      units *= 10n ** BigInt(fraction.length - scale);
      scale = fraction.length;
    }
    const digits = BigInt(match[2] + fraction.padEnd(scale, "0"));
    units += match[1] ? -digits : digits;
  }
  units += BigInt(small) * 10n ** BigInt(scale);
  const exact = whole ? toText(units, scale) : null;
  return { value: whole ? Number(exact) : float, exact, units, scale, counted, odd };
}

/**
 * How much more the second sum is, as text that keeps its digits; null where a column is of floating point.
 * @param {Sum} before
 * @param {Sum} after
 */
export function difference(before, after) {
  const value = after.value - before.value;
  if (before.exact === null || after.exact === null) return { value, text: null };
  const scale = Math.max(before.scale, after.scale);
  const [first, second] = [before, after].map((sum) => sum.units * 10n ** BigInt(scale - sum.scale));
  const text = toText(second - first, scale);
  return { value: Number(text), text: formatExact(text, 0) };
}

/**
 * @param {bigint} units
 * @param {number} scale
 */
function toText(units, scale) {
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, "0");
  const sign = units < 0n ? "-" : "";
  return scale ? `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}` : sign + digits;
}
