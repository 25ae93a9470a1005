// The panel of the chart: its caption, what is left out, and the choice to compare or to see all measures.

import { fieldsOf } from "../columns/fields.js";
import { formatNumber } from "../columns/numbers.js";
import { seconds } from "../columns/moments.js";
import { titleOf, valuesOf } from "../ask/question.js";
import { h, write } from "../parts/dom.js";
import { undrawable } from "./lines.js";
import { loadChart } from "./load.js";
import { plan } from "./plan.js";

/** @typedef {import("./plan.js").Plan} Plan */
/** @typedef {import("./chart.js").Chart} Chart */
/** @typedef {import("../columns/fields.js").Field} Field */
/** @typedef {import("../answer/answer.js").Batch} Batch */
/** @typedef {import("../page/page.js").Page} Page */

const MOST_SMALL = 6;

export class Drawing {
  /** @type {Chart | null} */
  #chart = null;
  #all = false;
  /** Counts what was asked to be drawn, so that a chart that was loaded late draws nothing old. */
  #turn = 0;

  /**
   * @param {Page} page
   * @param {HTMLElement} place
   */
  constructor(page, place) {
    this.page = page;
    this.caption = h("figcaption", { id: "caption" });
    const redraw = (/** @type {() => void} */ change) => () => {
      change();
      page.view.redraw();
    };
    this.compare = h("button", { type: "button", class: "toggle", id: "compare", on: { click: () => page.compare(!page.before) } });
    this.all = h("button", { type: "button", class: "toggle", id: "all", on: { click: redraw(() => (this.#all = !this.#all)) } }, "All measures");
    this.notes = h("p", { class: "left", id: "left" });
    this.legend = h("p", { class: "legend", id: "legend" });
    this.place = h("div", { class: "chart", id: "chart" });
    this.small = h("div", { class: "small", id: "small" });
    place.replaceChildren(h("div", { class: "head" }, this.caption, h("div", { class: "toggles" }, this.compare, this.all)), this.legend, this.place, this.small, this.notes);
    this.clear();
  }

  clear() {
    this.#turn++;
    this.#chart?.clear();
    this.small.replaceChildren();
    for (const text of [this.caption, this.notes, this.legend]) write(text, "");
    this.compare.hidden = this.all.hidden = this.small.hidden = true;
    this.place.hidden = false;
  }

  /**
   * @param {Plan | string} chart or why there is none
   * @param {Field | undefined} measure
   * @param {import("../types").ChartKind | undefined} preferred
   * @param {Batch} batch
   */
  show(chart, measure, preferred, batch) {
    if (typeof chart === "string" || !measure) {
      this.clear();
      write(this.notes, typeof chart === "string" ? chart : "");
      return;
    }
    const turn = ++this.#turn;
    const before = this.#before(chart);
    const several = chart.measures.length > 1;
    const all = this.#all && several;
    this.all.hidden = !several;
    this.all.setAttribute("aria-pressed", String(all));
    const comparable = chart.axis === "time" && !chart.series.length && batch.complete ? this.page.comparable : null;
    this.compare.hidden = !comparable;
    this.compare.setAttribute("aria-pressed", String(Boolean(this.page.before)));
    if (comparable) write(this.compare, `Compare with ${valuesOf(comparable, this.page.catalog.find(comparable.query))}`);
    const unit = measure.unit && !measure.percent ? `, ${measure.unit}` : "";
    write(this.caption, all ? `All measures by ${chart.x.label.toLowerCase()}` : `${measure.label} by ${chart.x.label.toLowerCase()}${unit}`);
    write(this.notes, this.#leftOut(chart, all ? chart.measures.slice(0, MOST_SMALL) : [measure]));
    this.#drawLegend(chart, before);
    this.place.hidden = all;
    this.small.hidden = !all;
    loadChart().then(
      ({ Chart }) => {
        if (turn !== this.#turn) return;
        this.#chart ??= new Chart(this.place);
        if (!all) {
          this.small.replaceChildren();
          this.#chart.show({ plan: chart, measure, before, preferred, small: false });
          return;
        }
        this.#chart.clear();
        const places = chart.measures.slice(0, MOST_SMALL).map((field) => ({ field, place: h("div", { class: "chart" }) }));
        this.small.replaceChildren(
          ...places.map(({ field, place }) => h("figure", {}, h("figcaption", { text: field.label + (field.unit && !field.percent ? `, ${field.unit}` : "") }), place)),
        );
        for (const { field, place } of places) new Chart(place).show({ plan: chart, measure: field, before, preferred, small: true });
      },
      () => {
        if (turn === this.#turn) write(this.notes, "The chart cannot be loaded.");
        this.page.view.outdated();
      },
    );
  }

  /**
   * The answer about the month before, if it is here and has the same axis.
   * @param {Plan} chart
   */
  #before(chart) {
    const answer = this.page.before?.answer;
    const now = this.page.answer;
    if (!answer?.shown?.complete || !now) return null;
    const query = this.page.catalog.find(answer.question.query);
    const fields = fieldsOf(answer.shown.columns, answer.shown.rows, query?.columns);
    const found = plan(fields, answer.shown.rows);
    if (typeof found === "string" || found.axis !== chart.axis || found.x.name !== chart.x.name || found.series.length) return null;
    const month = query?.parameters.find(({ type }) => type === "month")?.name ?? "";
    const start = (/** @type {Record<string, string>} */ params) => seconds(`${params[month]}-01`);
    return { name: valuesOf(answer.question, query), plan: found, from: start(answer.question.params), to: start(now.question.params) };
  }

  /**
   * @param {Plan} chart
   * @param {import("./lines.js").Before | null} before
   */
  #drawLegend(chart, before) {
    const now = this.page.answer;
    const query = now && this.page.catalog.find(now.question.query);
    const waiting = this.page.before && !before;
    const names = chart.series.length
      ? chart.series.map(({ name }) => name)
      : before && now
        ? [valuesOf(now.question, query ?? undefined) || titleOf(now.question, query ?? undefined), before.name]
        : [];
    this.legend.replaceChildren(
      ...names.map((name, at) => h("span", {}, h("i", { class: `tone t${at}` }), name)),
      ...(waiting ? [h("span", { text: this.page.before?.answer.open ? "The month before is on its way\u2026" : "There is nothing to compare with." })] : []),
    );
  }

  /**
   * @param {Plan} chart
   * @param {Field[]} measures
   */
  #leftOut(chart, measures) {
    const odd = measures.reduce((sum, measure) => sum + undrawable(chart, measure), 0);
    const notes = [...chart.notes];
    if (odd) notes.push(odd === 1 ? "1 value cannot be drawn" : `${formatNumber(odd, 0)} values cannot be drawn`);
    const text = notes.join(" \u00b7 ");
    return text && `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
  }
}
