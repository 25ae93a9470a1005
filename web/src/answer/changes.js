// What a new data version changed, in one short note.

import { formatNumber, withUnit } from "../columns/numbers.js";
import { difference, sumOf } from "../columns/sum.js";

/** @typedef {import("../types").Row} Row */
/** @typedef {import("../columns/fields.js").Field} Field */
/** @typedef {{ added: Set<string>, changed: Map<string, Set<number>>, gone: number, key: Field | null }} Changes */

/**
 * Compares two answers by their key: the first column that names rows, if every row has its own value in it.
 * @param {Row[]} before
 * @param {Row[]} after
 * @param {Field[]} fields
 * @returns {Changes}
 */
export function compare(before, after, fields) {
  const key = fields.find((field) => field.role !== "measure") ?? fields[0];
  const old = key && byKey(before, key.index);
  const now = key && byKey(after, key.index);
  /** @type {Changes} */
  const changes = { added: new Set(), changed: new Map(), gone: 0, key: null };
  if (!old || !now) return changes;
  changes.key = key;
  for (const [name, row] of now) {
    const was = old.get(name);
    if (!was) {
      changes.added.add(name);
      continue;
    }
    const cells = new Set(row.flatMap((value, index) => (value === was[index] ? [] : [index])));
    if (cells.size) changes.changed.set(name, cells);
  }
  for (const name of old.keys()) if (!now.has(name)) changes.gone++;
  return changes;
}

/**
 * @param {Row[]} rows
 * @param {number} index
 */
function byKey(rows, index) {
  const found = new Map(rows.map((row) => [String(row[index]), row]));
  return found.size === rows.length ? found : null;
}

/**
 * @param {Changes} changes
 * @param {Row[]} before
 * @param {Row[]} after
 * @param {Field | null} measure whose total is told
 * @returns {string}
 */
export function note(changes, before, after, measure) {
  /** @type {string[]} */
  const parts = [];
  if (changes.key) {
    const { added, changed, gone } = changes;
    if (added.size) parts.push(`${count(added.size)} added`);
    if (changed.size) parts.push(`${count(changed.size)} changed`);
    if (gone) parts.push(`${count(gone)} gone`);
    if (!parts.length) return "the same rows as before";
  } else if (before.length !== after.length) {
    parts.push(`${count(after.length)} instead of ${formatNumber(before.length, 0)}`);
  } else {
    parts.push(count(after.length));
  }
  if (measure?.sum) {
    const { value, text } = difference(sumOf(before, measure.index), sumOf(after, measure.index));
    const written = text ?? formatNumber(value, measure.decimals);
    if (value) parts.push(`${measure.label.toLowerCase()} ${value > 0 ? "+" : ""}${withUnit(written, measure.unit)}`);
  }
  return parts.join(", ");
}

/** @param {number} rows */
function count(rows) {
  return `${formatNumber(rows, 0)} ${rows === 1 ? "row" : "rows"}`;
}
