// The cell that the keyboard is at: the line below the table has its value in full, and Enter shows it whole.

import { h, write } from "../parts/dom.js";
import { showWhole } from "./whole.js";

/** @typedef {import("../columns/fields.js").Field} Field */
/** @typedef {import("../types").Cell} Cell */

/** Height of a row in pixels, as in the stylesheet. */
export const ROW = 34;
const MOST_TOLD = 200;

export class Cursor {
  #row = -1;
  #column = 0;

  /**
   * @param {HTMLElement} scroller
   * @param {object} table
   * @param {() => { rows: number, columns: number }} table.size
   * @param {(row: number, column: number) => { field: Field, value: Cell }} table.cell
   * @param {() => void} table.moved
   */
  constructor(scroller, table) {
    this.scroller = scroller;
    this.table = table;
    this.foot = h("p", { class: "foot", "aria-live": "polite" });
    scroller.addEventListener("keydown", (event) => this.#key(event));
    scroller.addEventListener("blur", () => this.leave());
  }

  /**
   * @param {number} row
   * @param {number} column
   */
  isAt(row, column) {
    return row === this.#row && column === this.#column;
  }

  leave() {
    if (this.#row < 0) return;
    this.#row = -1;
    write(this.foot, "");
    this.table.moved();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { rows, columns } = this.table.size();
    if (event.target !== this.scroller || !rows) return;
    if (event.key === "Enter" && this.#row >= 0) {
      const { field, value } = this.table.cell(this.#row, this.#column);
      showWhole(field.label, String(value));
      event.preventDefault();
      return;
    }
    const page = Math.max(1, Math.floor(this.scroller.clientHeight / ROW) - 2);
    const down = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -rows, End: rows }[event.key];
    const right = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.key === "Escape") this.leave();
    if (down === undefined && right === undefined) return;
    event.preventDefault();
    this.#row = Math.max(0, Math.min(Math.max(this.#row, event.key === "ArrowDown" ? -1 : 0) + (down ?? 0), rows - 1));
    this.#column = Math.max(0, Math.min(this.#column + (right ?? 0), columns - 1));
    this.#tell();
  }

  #tell() {
    const { field, value } = this.table.cell(this.#row, this.#column);
    const text = value === null ? "no value" : String(value);
    const more = text.length > MOST_TOLD ? `${text.slice(0, MOST_TOLD)}\u2026 Press Enter to see all of it.` : text;
    write(this.foot, `Row ${this.#row + 1}, ${field.label}: ${more}`);
    const top = this.#row * ROW;
    const { scroller } = this;
    const room = scroller.clientHeight - 2 * ROW;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    if (top > scroller.scrollTop + room) scroller.scrollTop = top - room;
    this.table.moved();
    const cell = scroller.querySelector("td.here");
    if (cell instanceof HTMLElement) {
      if (cell.offsetLeft < scroller.scrollLeft) scroller.scrollLeft = cell.offsetLeft;
      const end = cell.offsetLeft + cell.offsetWidth - scroller.clientWidth;
      if (end > scroller.scrollLeft) scroller.scrollLeft = end;
    }
  }
}
