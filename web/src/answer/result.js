// An answer's rows as figures, chart and table; one row as a list.

import { fieldsOf } from "../columns/fields.js";
import { formatNumber } from "../columns/numbers.js";
import { Drawing } from "../chart/drawing.js";
import { plan } from "../chart/plan.js";
import { find, write } from "../parts/dom.js";
import { Table } from "../rows/table.js";
import { drawFigures, drawRecord } from "./figures.js";

/** @typedef {import("../types").Query} Query */
/** @typedef {import("../types").ColumnOptions} ColumnOptions */
/** @typedef {import("../columns/fields.js").Field} Field */
/** @typedef {import("./answer.js").Batch} Batch */
/** @typedef {import("./changes.js").Changes} Changes */
/** @typedef {import("../page/page.js").Page} Page */

/** While very many rows arrive, the table is drawn this often. */
const PAUSE_MS = 400;
/** Up to here, drawing with every message is no work. */
const FEW_ROWS = 2_000;

export class Result {
  #shownAt = 0;
  #shown = "";
  /** @type {number | undefined} */
  #later;
  /** The measure that is drawn, by name, so that it stays with a new version. */
  #measure = "";

  /** @param {Page} page */
  constructor(page) {
    this.page = page;
    this.figures = find("figures", HTMLElement);
    this.record = find("record", HTMLElement);
    this.panels = find("panels", HTMLElement);
    this.size = find("size", HTMLElement);
    this.table = new Table(find("table", HTMLElement));
    this.drawing = new Drawing(page, find("figure", HTMLElement));
  }

  /** Nothing of the question before stays. */
  clear() {
    this.#shown = this.#measure = "";
    this.table.clear();
    this.drawing.clear();
    this.figures.replaceChildren();
    this.record.replaceChildren();
  }

  /** Draws everything again with the next `show`. */
  stale() {
    this.#shown = "";
  }

  /** @param {Batch} batch */
  fieldsOf(batch) {
    const own = this.page.answer && this.page.catalog.find(this.page.answer.question.query)?.columns;
    return fieldsOf(batch.columns, batch.rows, own ?? {});
  }

  /** @param {Field[]} fields */
  measureOf(fields) {
    return fields.find(({ name }) => name === this.#measure) ?? null;
  }

  /**
   * @param {Batch} batch
   * @param {boolean} arriving
   * @param {Changes | null} changes
   */
  show(batch, arriving, changes) {
    const before = this.page.before?.answer;
    const drawn = `${batch.run} ${batch.rows.length} ${Boolean(batch.complete)} ${Boolean(changes)} ${before?.id} ${before?.phase}`;
    if (drawn === this.#shown) return;
    const wait = arriving && batch.rows.length > FEW_ROWS ? this.#shownAt + PAUSE_MS - performance.now() : 0;
    clearTimeout(this.#later);
    if (wait > 0) {
      this.#later = setTimeout(() => this.page.view.draw(), wait);
      return;
    }
    this.#shownAt = performance.now();
    this.#shown = drawn;
    const fields = this.fieldsOf(batch);
    const preferred = this.page.answer ? this.page.catalog.find(this.page.answer.question.query)?.chart : undefined;
    const single = batch.rows.length === 1 && Boolean(batch.complete);
    this.record.hidden = !single;
    this.figures.hidden = single;
    this.panels.hidden = single || (preferred === "figure" && Boolean(batch.complete));
    if (single) {
      drawRecord(this.record, fields, batch.rows[0]);
      this.drawing.clear();
      return;
    }
    this.table.show(fields, batch.rows, changes);
    write(this.size, sizeOf(batch));
    // Sums and charts of very many rows wait for the last one.
    if (arriving && batch.rows.length > FEW_ROWS) return;
    const chart = batch.rows.length && preferred !== "table" ? plan(fields, batch.rows) : "";
    const measures = typeof chart === "string" ? fields.filter(({ role }) => role === "measure") : chart.measures;
    const measure = measures.find(({ name }) => name === this.#measure) ?? measures[0];
    this.#measure = measure?.name ?? "";
    this.panels.dataset.chart = typeof chart !== "string" || batch.rows.length < 2 ? "yes" : chart ? "none" : "no";
    this.figures.hidden = !measures.length;
    const choice = typeof chart === "string" || measures.length < 2 ? null : this.#measure;
    drawFigures(this.figures, measures, batch.rows, choice, (name) => {
      this.#measure = name;
      this.stale();
      this.page.view.draw();
    });
    this.drawing.show(chart, measure, preferred, batch);
  }
}

/** @param {Batch} batch */
function sizeOf({ rows, complete }) {
  const count = `${formatNumber(rows.length, 0)} ${rows.length === 1 ? "row" : "rows"}`;
  return complete?.truncated ? `The first ${count}; the answer has more` : count;
}
