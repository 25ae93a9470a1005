// The figures above the chart: one for each measure, and a click draws it. One row is a list of figures by itself.

import { formatCell } from "../columns/fields.js";
import { formatExact, formatNumber, formatPower, formatShort, withUnit } from "../columns/numbers.js";
import { sumOf } from "../columns/sum.js";
import { focusOn, h } from "../parts/dom.js";

/** @typedef {import("../columns/fields.js").Field} Field */
/** @typedef {import("../types").Row} Row */
/** @typedef {{ value: string, full: string, meaning: string }} Figure `full` has every digit; empty where `value` does */

const MOST = 6;
/** Characters that a tile shows whole. */
const FITS = 13;

/**
 * @param {HTMLElement} place
 * @param {Field[]} measures
 * @param {Row[]} rows
 * @param {string | null} drawn name of the measure that the chart shows; null where there is no choice
 * @param {(name: string) => void} onChoose
 */
export function drawFigures(place, measures, rows, drawn, onChoose) {
  const focused = document.activeElement?.closest("[data-measure]")?.getAttribute("data-measure");
  const tiles = measures.slice(0, MOST).map((field) => {
    const { value, full, meaning } = figureOf(field, rows);
    const content = [
      h("span", { class: "label", text: field.label }),
      h("b", { text: value }),
      h("small", {}, full ? h("span", { class: "full", text: full }) : null, h("span", { class: "meaning", text: meaning })),
    ];
    const title = full || undefined;
    if (drawn === null) return h("div", { class: "tile", title, tabindex: full ? "0" : null }, ...content);
    const pressed = String(field.name === drawn);
    const choose = { click: () => onChoose(field.name) };
    return h("button", { type: "button", class: "tile", title, "aria-pressed": pressed, "data-measure": field.name, on: choose }, ...content);
  });
  place.replaceChildren(...tiles);
  if (focused) focusOn(place, `[data-measure="${CSS.escape(focused)}"]`);
}

/**
 * The number that stands for a column: its sum, where that says something, else its range.
 * @param {Field} field
 * @param {Row[]} rows
 * @returns {Figure}
 */
export function figureOf(field, rows) {
  const sum = sumOf(rows, field.index);
  const odd = sum.odd ? `, ${formatNumber(sum.odd, 0)} ${sum.odd === 1 ? "value that is no number" : "values that are no numbers"} left out` : "";
  if (!sum.counted) return { value: "\u2013", full: "", meaning: `no values${odd}` };
  if (field.sum) return { ...written(sum.value, sum.exact, field), meaning: `total${odd}` };
  let low = Infinity;
  let high = -Infinity;
  for (const row of rows) {
    const value = row[field.index] === null ? NaN : Number(row[field.index]);
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const ends = [low, high].map((value) => formatCell(value, field));
  const full = ends.map((text) => withUnit(text, field.percent ? "" : field.unit)).join(" \u2013 ");
  if (low === high) return { value: full, full: "", meaning: `always${odd}` };
  const short = [low, high].map((value) => (field.percent ? formatCell(value, field) : formatShort(value)));
  const fits = ends.join().length <= FITS || short[0] === short[1];
  const value = withUnit((fits ? ends : short).join(" \u2013 "), field.percent ? "" : field.unit);
  return { value, full: fits ? "" : full, meaning: `range${odd}` };
}

/**
 * A number for a tile: whole if it fits, else short with all its digits beside.
 * @param {number} value
 * @param {string | null} exact
 * @param {Field} field
 */
function written(value, exact, field) {
  const unit = (/** @type {string} */ text) => withUnit(text, field.percent ? "" : field.unit);
  if (field.power || !Number.isFinite(value)) {
    const text = Number.isFinite(value) ? formatPower(value, 3) : "too large";
    return { value: unit(text), full: Number.isFinite(value) ? unit(String(value)) : "" };
  }
  if (field.percent) return { value: formatCell(value, field), full: "" };
  const full = exact !== null ? formatExact(exact, field.decimals) : formatNumber(value, field.decimals);
  // Cents of a million say nothing.
  const rounded = exact === null && Math.abs(value) >= 1000 ? formatNumber(value, 0) : full;
  if (rounded.length <= FITS) return { value: unit(rounded), full: rounded === full ? "" : unit(full) };
  return { value: unit(formatShort(value)), full: unit(full) };
}

/**
 * One row as a list: every column with its value, in full.
 * @param {HTMLElement} place a description list
 * @param {Field[]} fields
 * @param {Row} row
 */
export function drawRecord(place, fields, row) {
  place.replaceChildren(
    ...fields.map((field) => {
      const value = row[field.index];
      const text = value === null ? "null" : withUnit(formatCell(value, field), field.percent ? "" : field.unit);
      return h("div", {}, h("dt", { text: field.label }), h("dd", { class: value === null ? "null" : field.kind, text, title: value === null ? "no value" : String(value) }));
    }),
  );
}
