// The figures above the chart: one for each measure, and a click draws it.

import { total } from "../answer/changes.js";
import { formatCell, formatNumber, formatShort, withUnit } from "../columns/columns.js";
import { focusOn, h } from "../parts/dom.js";

/** @typedef {import("../columns/columns.js").Field} Field */
/** @typedef {import("../answer/answer.js").Batch} Batch */

const MOST = 6;
/** Characters of a range's two numbers that are not cut off. */
const FITS = 14;

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
  return { value: withUnit(range(low, high, field.decimals), field.unit), meaning: "range" };
}

/**
 * Both ends in full, unless that is too long for a tile and less tells them apart too.
 * @param {number} low
 * @param {number} high
 * @param {number} decimals
 */
function range(low, high, decimals) {
  const full = [low, high].map((value) => formatNumber(value, decimals));
  const short = [low, high].map(formatShort);
  const fits = full.join().length <= FITS || short[0] === short[1];
  return (fits ? full : short).join(" \u2013 ");
}
