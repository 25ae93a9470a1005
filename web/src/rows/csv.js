// An answer as CSV (RFC 4180), with the values as they came.

/** @typedef {import("../types").Cell} Cell */

/** What a spreadsheet may run as a formula begins so. */
const RISKY = /^[=+\-@\t\r]/;
/** Unless the whole of it is a number. */
const NUMBER = /^[+-]?(([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|Infinity)$/;

/**
 * @param {string[]} names
 * @param {Cell[][]} rows
 * @returns {Blob}
 */
export function toCsv(names, rows) {
  const parts = [line(names)];
  for (const row of rows) parts.push(line(row));
  const text = parts.join("");
  // Excel takes UTF-8 for something else without this mark; ASCII needs none.
  const mark = /[^\0-\x7f]/.test(text) ? "\ufeff" : "";
  return new Blob([mark, text], { type: "text/csv;charset=utf-8" });
}

/** @param {Cell[]} cells */
function line(cells) {
  return cells.map(cell).join(",") + "\r\n";
}

/** @param {Cell} value */
function cell(value) {
  if (value === null) return "";
  let text = String(value);
  if (typeof value === "string" && RISKY.test(text) && !NUMBER.test(text)) text = `'${text}`;
  return text === "" || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
