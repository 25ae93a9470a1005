// The figures above the chart: one for each measure, and a click draws it.

import { total } from "./changes.js";
import { formatCell, formatNumber, formatShort, withUnit } from "./columns.js";
import { focusOn, h } from "./dom.js";

/** @typedef {import("./columns.js").Field} Field */
/** @typedef {import("./answer.js").Batch} Batch */

const MOST = 6;

/**
 * @param {HTMLElement} place
 * @param {Field[]} measures
 * @param {Batch} batch
 * @param {string | null} drawn name of the measure that the chart shows; null where there is no chart
 * @param {(name: string) => void} onChoose
 */
export function drawTiles(place, measures, batch, drawn, onChoose) {
  const focused = document.activeElement?.closest("[data-measure]")?.getAttribute("data-measure");
  const tiles = measures.slice(0, MOST).map((field) => {
    const { value, meaning } = figure(field, batch);
    const content = [h("span", { class: "label", text: field.label }), h("b", { text: value }), h("small", { text: meaning })];
    if (drawn === null) return h("div", { class: "tile" }, ...content);
    const pressed = String(field.name === drawn);
    const choose = { click: () => onChoose(field.name) };
    return h("button", { type: "button", class: "tile", "aria-pressed": pressed, "data-measure": field.name, on: choose }, ...content);
  });
  place.replaceChildren(...tiles);
  if (focused) focusOn(place, `[data-measure="${CSS.escape(focused)}"]`);
}

/**
 * The number that stands for a column: its sum, where that says something, else its range.
 * @param {Field} field
 * @param {Batch} batch
 */
function figure(field, { rows }) {
  if (rows.length === 1) return { value: withUnit(formatCell(rows[0][field.index], field), field.unit), meaning: "\u00a0" };
  if (field.sum) {
    const sum = total(rows, field);
    const text = Math.abs(sum) >= 10_000_000 ? formatShort(sum) : formatNumber(sum, Math.abs(sum) >= 1000 ? 0 : field.decimals);
    return { value: withUnit(text, field.unit), meaning: "sum" };
  }
  let low = Infinity;
  let high = -Infinity;
  for (const row of rows) {
    const value = row[field.index] === null ? NaN : Number(row[field.index]);
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return { value: "\u2013", meaning: "no values" };
  const ends = [low, high].map((value) => formatNumber(value, field.decimals)).join(" \u2013 ");
  return { value: withUnit(ends, field.unit), meaning: "range" };
}
