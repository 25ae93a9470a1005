// One question of a board: its figures, and its chart or its first rows.

import { drawRecord, figureOf } from "../answer/figures.js";
import { originOf } from "../answer/sentence.js";
import { nameOf, toHash, valuesOf } from "../ask/question.js";
import { loadChart } from "../chart/load.js";
import { plan } from "../chart/plan.js";
import { fieldsOf } from "../columns/fields.js";
import { h, icon, write } from "../parts/dom.js";
import { Table } from "../rows/table.js";

/** @typedef {import("../page/page.js").Page} Page */
/** @typedef {import("../types").Question} Question */
/** @typedef {import("../answer/answer.js").Batch} Batch */

const MOST_FIGURES = 4;

export class Panel {
  #shown = "";
  /** @type {import("../chart/chart.js").Chart | null} */
  #chart = null;

  /**
   * @param {Page} page
   * @param {Question} question
   * @param {() => void} onRemove
   */
  constructor(page, question, onRemove) {
    this.page = page;
    this.request = page.begin({ ...question, live: true });
    this.title = h("a", { href: `${location.pathname}${toHash({ ...question, live: false })}` });
    this.values = h("span", { class: "values" });
    this.figures = h("div", { class: "figures" });
    this.record = h("dl", { class: "facts" });
    this.place = h("div", { class: "chart" });
    this.rows = h("div", { class: "table" });
    this.said = h("p", { class: "said", role: "status" });
    this.table = new Table(this.rows);
    const remove = h("button", { type: "button", class: "remove", "aria-label": "Remove from the board", on: { click: onRemove } }, icon("close"));
    this.element = h("section", { class: "tile-panel" }, h("header", {}, h("h2", {}, this.title), this.values, remove), this.figures, this.record, this.place, this.rows, this.said);
  }

  draw() {
    const { answer } = this.request;
    const query = this.page.catalog.find(answer.question.query);
    write(this.title, nameOf(answer.question.query, query));
    write(this.values, valuesOf(answer.question, query));
    write(this.said, this.#words());
    this.element.dataset.state = answer.error ? "bad" : answer.shown?.complete ? "done" : "waiting";
    const batch = answer.shown;
    const shown = `${batch?.run} ${Boolean(batch?.complete)} ${Boolean(query)}`;
    if (!batch?.complete || shown === this.#shown) return;
    if (this.#shown) this.#flash();
    this.#shown = shown;
    this.#drawRows(batch, query);
  }

  #words() {
    const { answer } = this.request;
    if (answer.error) return answer.error.message;
    const link = this.page.connection.state.name;
    if (link !== "open") return answer.shown?.complete ? `Not connected. ${originOf(answer)}` : "Not connected";
    if (answer.shown?.complete?.rows === 0) return "No rows";
    return originOf(answer).replace(" \u00b7 watching for changes", "") || "On its way\u2026";
  }

  #flash() {
    this.element.classList.remove("changed");
    void this.element.offsetWidth;
    this.element.classList.add("changed");
  }

  /**
   * @param {Batch} batch
   * @param {import("../types").Query | undefined} query
   */
  #drawRows(batch, query) {
    const fields = fieldsOf(batch.columns, batch.rows, query?.columns);
    const chart = query?.chart === "table" || query?.chart === "figure" ? "" : plan(fields, batch.rows);
    const measures = fields.filter(({ role }) => role === "measure");
    const single = batch.rows.length === 1;
    this.record.hidden = !single;
    if (single) drawRecord(this.record, fields, batch.rows[0]);
    this.figures.replaceChildren(
      ...(single ? [] : measures.slice(0, MOST_FIGURES)).map((field) => {
        const { value, full } = figureOf(field, batch.rows);
        return h("div", { title: full || undefined }, h("span", { text: field.label }), h("b", { text: value }));
      }),
    );
    const drawn = typeof chart !== "string" && chart.measures[0];
    this.place.hidden = !drawn;
    this.rows.hidden = Boolean(drawn) || query?.chart === "figure" || batch.rows.length < 2;
    if (!this.rows.hidden) this.table.show(fields, batch.rows, null);
    if (!drawn) {
      this.#chart?.clear();
      return;
    }
    loadChart().then(
      ({ Chart }) => {
        this.#chart ??= new Chart(this.place);
        this.#chart.show({ plan: chart, measure: drawn, before: null, preferred: query?.chart, small: true });
      },
      () => this.page.view.outdated(),
    );
  }
}
