// An answer as CSV (RFC 4180), with the values as they came.

/** @typedef {import("../types").Cell} Cell */

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
  // A spreadsheet would run these as formulas.
  if (typeof value === "string" && /^[=@\t\r]|^[+-](?![0-9.])/.test(text)) text = `'${text}`;
  return text === "" || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
