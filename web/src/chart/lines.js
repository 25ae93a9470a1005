// What a chart draws: one line of numbers for a measure, several where a second column tells them apart, and the month before.

import { isDrawable } from "../columns/fields.js";

/** @typedef {import("./plan.js").Plan} Plan */
/** @typedef {import("../columns/fields.js").Field} Field */
/** @typedef {import("../types").Row} Row */
/** @typedef {{ name: string, values: (number | null)[] }} Line */
/** @typedef {{ name: string, plan: Plan, from: number, to: number }} Before another answer, and where it and this one begin */

/**
 * @param {Plan} plan
 * @param {Field} measure
 * @param {Before | null} before
 * @returns {Line[]} the first is the answer's own
 */
export function linesOf(plan, measure, before) {
  const value = (/** @type {Row | null} */ row) => (row && isDrawable(row[measure.index]) ? Number(row[measure.index]) : null);
  if (plan.series.length) return plan.series.map(({ name, rows }) => ({ name, values: rows.map(value) }));
  const lines = [{ name: measure.label, values: plan.rows.map(value) }];
  if (before) {
    const found = new Map(before.plan.at.map((at, index) => [at - before.from, before.plan.rows[index]]));
    lines.push({ name: before.name, values: plan.at.map((at) => value(found.get(at - before.to) ?? null)) });
  }
  return lines;
}

/**
 * How many values of a measure are no numbers that can be drawn: NULL is a gap, and is none of them.
 * @param {Plan} plan
 * @param {Field} measure
 */
export function undrawable(plan, measure) {
  const rows = plan.series.length ? plan.series.flatMap((one) => one.rows) : plan.rows;
  return rows.filter((row) => row && row[measure.index] !== null && row[measure.index] !== undefined && !isDrawable(row[measure.index])).length;
}
