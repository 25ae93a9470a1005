// The rows as a table: sorted by any column, and only the rows in sight are in the document.

import { comparer, formatCell } from "../columns/fields.js";
import { focusOn, h } from "../parts/dom.js";
import { showEdges } from "../parts/edges.js";
import { Cursor, ROW } from "./cursor.js";
import { showWhole } from "./whole.js";

/** @typedef {import("../types").Row} Row */
/** @typedef {import("../columns/fields.js").Field} Field */
/** @typedef {import("../answer/changes.js").Changes} Changes */

const SPARE = 8;
/** Rows that decide how wide a column is. */
const SAMPLE = 400;
/** Letters of a cell that are in the document; the whole is shown on demand. */
const MOST_LETTERS = 120;

export class Table {
  /** @type {Field[]} */
  #fields = [];
  /** @type {Row[]} */
  #rows = [];
  /** @type {Row[]} */
  #sorted = [];
  /** @type {Changes | null} */
  #changes = null;
  /** @type {{ name: string, direction: 1 | -1 } | null} */
  #order = null;
  #drawn = "";

  /** @param {HTMLElement} place */
  constructor(place) {
    this.head = h("tr");
    this.body = h("tbody");
    this.columns = h("colgroup");
    this.table = h("table", {}, this.columns, h("thead", {}, this.head), this.body);
    this.scroller = h("div", { class: "scroller", tabindex: "0", role: "region", "aria-label": "Rows. The arrow keys read the cells, Enter shows one whole." }, this.table);
    this.scroller.addEventListener("scroll", () => this.#draw(), { passive: true });
    this.body.addEventListener("click", (event) => this.#click(event));
    new ResizeObserver(() => this.#draw()).observe(this.scroller);
    this.cursor = new Cursor(this.scroller, {
      size: () => ({ rows: this.#sorted.length, columns: this.#fields.length }),
      cell: (row, column) => ({ field: this.#fields[column], value: this.#sorted[row][this.#fields[column].index] }),
      moved: () => this.#redraw(),
    });
    place.replaceChildren(this.scroller, this.cursor.foot);
    showEdges(this.scroller, place);
  }

  /**
   * @param {Field[]} fields
   * @param {Row[]} rows
   * @param {Changes | null} changes what to mark as new
   */
  show(fields, rows, changes) {
    const same = fields.map((field) => field.name).join() === this.#fields.map((field) => field.name).join();
    this.#fields = fields;
    this.#rows = rows;
    this.#changes = changes;
    if (!same) {
      this.#order = null;
      this.scroller.scrollTop = 0;
      this.cursor.leave();
    }
    this.#drawHead();
    this.#sort();
  }

  /** Forgets everything. */
  clear() {
    this.#order = null;
    this.show([], [], null);
  }

  #sort() {
    const order = this.#order;
    const field = order && this.#fields.find(({ name }) => name === order.name);
    this.#sorted = this.#rows;
    if (order && field) {
      const compare = comparer(field, order.direction);
      this.#sorted = this.#rows.toSorted((a, b) => compare(a[field.index], b[field.index]));
    }
    this.#redraw();
  }

  #redraw() {
    this.#drawn = "";
    this.#draw();
  }

  /** @param {Field} field */
  #turn(field) {
    const { name, direction } = this.#order ?? { name: "", direction: 1 };
    const first = field.role === "measure" ? -1 : 1;
    if (name !== field.name) this.#order = { name: field.name, direction: first };
    else if (direction === first) this.#order = { name, direction: direction === 1 ? -1 : 1 };
    else this.#order = null;
    this.scroller.scrollTop = 0;
    this.cursor.leave();
    this.#drawHead();
    this.#sort();
  }

  #drawHead() {
    const focused = document.activeElement?.closest("th")?.dataset.name;
    this.columns.replaceChildren(
      ...this.#fields.map((field) => {
        const column = h("col");
        column.style.width = `calc(${this.#width(field)}ch + 1.35rem)`;
        return column;
      }),
    );
    this.head.replaceChildren(
      ...this.#fields.map((field) => {
        const direction = this.#order?.name === field.name ? this.#order.direction : 0;
        const sorted = direction === 1 ? "ascending" : direction === -1 ? "descending" : "none";
        const unit = field.unit && h("span", { class: "unit", text: field.unit });
        return h(
          "th",
          { scope: "col", class: field.kind, "aria-sort": sorted, "data-name": field.name },
          h("button", { type: "button", title: `${field.name} (${field.type})`, on: { click: () => this.#turn(field) } },
            h("span", { text: field.label }), unit || null, h("i", { class: "arrow", "aria-hidden": "true" })),
        );
      }),
    );
    if (focused) focusOn(this.head, `th[data-name="${CSS.escape(focused)}"] button`);
  }

  /** @param {Field} field */
  #width(field) {
    // Letters are narrower than the digits that `ch` measures.
    let most = (field.label.length + (field.unit ? field.unit.length + 1 : 0)) * 0.84 + 1.5;
    const step = Math.max(1, Math.floor(this.#rows.length / SAMPLE));
    for (let at = 0; at < this.#rows.length; at += step) {
      most = Math.max(most, formatCell(this.#rows[at][field.index], field).length);
    }
    return Math.min(Math.max(most, 5), 40);
  }

  #draw() {
    const height = this.scroller.clientHeight || 400;
    const first = Math.max(0, Math.floor(this.scroller.scrollTop / ROW) - SPARE);
    const last = Math.min(this.#sorted.length, Math.ceil((this.scroller.scrollTop + height) / ROW) + SPARE);
    const drawn = `${first}-${last}-${this.#sorted.length}`;
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.table.setAttribute("aria-rowcount", String(this.#sorted.length + 1));
    const rows = [];
    for (let at = first; at < last; at++) rows.push(this.#row(this.#sorted[at], at));
    this.body.replaceChildren(spacer(first, this.#fields.length), ...rows, spacer(this.#sorted.length - last, this.#fields.length));
  }

  /**
   * @param {Row} row
   * @param {number} at
   */
  #row(row, at) {
    const key = this.#changes?.key ? String(row[this.#changes.key.index]) : "";
    const added = this.#changes?.added.has(key);
    const changed = this.#changes?.changed.get(key);
    return h(
      "tr",
      { "aria-rowindex": at + 2, class: added ? "new" : null },
      ...this.#fields.map((field, column) => {
        const value = row[field.index];
        const text = formatCell(value, field);
        const clipped = text.length > MOST_LETTERS;
        const kind = [field.kind, value === null && "null", changed?.has(field.index) && "new", clipped && "clipped", this.cursor.isAt(at, column) && "here"];
        return h("td", {
          class: kind.filter(Boolean).join(" "),
          text: clipped ? `${text.slice(0, MOST_LETTERS)}\u2026` : text,
          title: titleOf(value, text, field, clipped),
          "data-cell": `${at} ${column}`,
        });
      }),
    );
  }

  /** @param {Event} event on a cell whose text is longer than its room */
  #click(event) {
    const cell = event.target instanceof HTMLTableCellElement ? event.target : null;
    const [row, column] = (cell?.dataset.cell ?? "").split(" ").map(Number);
    const field = this.#fields[column];
    if (!cell || !field || (!cell.classList.contains("clipped") && cell.scrollWidth <= cell.clientWidth)) return;
    showWhole(field.label, String(this.#sorted[row][field.index]));
  }
}

/**
 * What hovering tells: all digits, or that there is more.
 * @param {import("../types").Cell} value
 * @param {string} text
 * @param {Field} field
 * @param {boolean} clipped
 */
function titleOf(value, text, field, clipped) {
  if (value === null) return "no value";
  if (clipped) return "Click to see all of it";
  return field.kind === "number" || text.length > 30 ? String(value) : null;
}

/**
 * Stands for rows out of sight.
 * @param {number} rows
 * @param {number} columns
 */
function spacer(rows, columns) {
  const line = h("tr", { class: "spacer", "aria-hidden": "true", hidden: rows === 0 }, h("td", { colspan: columns || 1 }));
  line.style.height = `${rows * ROW}px`;
  return line;
}
