// The chart: uPlot, with a tooltip, in the colors of the page. Loaded after the first paint.

import uPlot from "uplot";

import { formatCell } from "../columns/fields.js";
import { withUnit } from "../columns/numbers.js";
import { h } from "../parts/dom.js";
import { around, fromZero, increments, level, tick, WHOLE, widen } from "./axis.js";
import { linesOf } from "./lines.js";
import { kindOf, nameOf } from "./plan.js";

/** @typedef {import("./plan.js").Plan} Plan */
/** @typedef {import("./lines.js").Before} Before */
/** @typedef {import("../columns/fields.js").Field} Field */

/**
 * @typedef {object} Drawn
 * @property {Plan} plan
 * @property {Field} measure
 * @property {Before | null} before
 * @property {import("../types").ChartKind | undefined} preferred
 * @property {boolean} small one of several: its ticks are few, and it is no stop of the Tab key
 */

const MOST_POINTS = 92;
/** Colors of series, by the name of their property. */
const TONES = ["--bar", "--second", "--third", "--fourth", "--fifth", "--sixth"];

export class Chart {
  /** @type {uPlot | null} */
  #plot = null;
  /** @type {Drawn | null} */
  #drawn = null;
  #bars = false;

  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
    this.tip = h("div", { class: "tip", hidden: true });
    this.band = h("div", { class: "band", hidden: true });
    this.heard = h("p", { class: "unseen", "aria-live": "polite" });
    this.place.addEventListener("keydown", (event) => this.#key(event));
    this.place.addEventListener("blur", () => this.#point(-1));
    new ResizeObserver(() => this.#resize()).observe(place);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#draw());
  }

  /** @param {Drawn} drawn */
  show(drawn) {
    this.#drawn = drawn;
    this.#draw();
  }

  /** Nothing of the chart stays, its name for screen readers neither. */
  clear() {
    this.#plot?.destroy();
    this.#plot = this.#drawn = null;
    this.heard.textContent = "";
    this.place.replaceChildren();
    for (const name of ["data-points", "data-kind", "aria-label", "role", "tabindex"]) this.place.removeAttribute(name);
  }

  #draw() {
    const drawn = this.#drawn;
    if (!drawn) return;
    const { plan, measure, before, small } = drawn;
    this.#plot?.destroy();
    const kind = kindOf(plan, measure, drawn.preferred);
    this.#bars = kind === "bars";
    const lines = linesOf(plan, measure, before);
    this.heard.textContent = "";
    this.place.replaceChildren(this.heard);
    const data = /** @type {uPlot.AlignedData} */ ([plan.at, ...lines.map(({ values }) => values)]);
    this.#plot = new uPlot(this.#options(drawn, kind, lines), data, this.place);
    this.#plot.over.append(this.band, this.tip);
    this.band.hidden = this.tip.hidden = true;
    this.place.dataset.points = String(plan.rows.length);
    this.place.dataset.kind = kind;
    const names = lines.length > 1 ? `, ${lines.map(({ name }) => name).join(" and ")}` : "";
    const label = `Chart: ${measure.label} by ${plan.x.label}${names}, ${plan.rows.length} values from ${nameOf(plan, 0)} to ${nameOf(plan, plan.rows.length - 1)}.`;
    this.place.setAttribute("role", small ? "img" : "group");
    this.place.setAttribute("aria-label", small ? label : `${label} The arrow keys read them.`);
    if (small) this.place.removeAttribute("tabindex");
    else this.place.tabIndex = 0;
  }

  /**
   * @param {Drawn} drawn
   * @param {"bars" | "line" | "dots"} kind
   * @param {import("./lines.js").Line[]} lines
   * @returns {uPlot.Options}
   */
  #options({ plan, measure, small }, kind, lines) {
    const style = getComputedStyle(this.place);
    const color = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
    const bars = kind === "bars";
    const slanted = plan.axis === "category" && plan.rows.length > 6;
    const axis = {
      stroke: color("--muted"),
      font: `12px ${style.fontFamily}`,
      grid: { stroke: color("--line"), width: 1 },
      ticks: { show: false },
    };
    const steps = increments(plan);
    const dots = kind === "dots" || plan.rows.length <= MOST_POINTS;
    return {
      width: this.place.clientWidth,
      height: this.place.clientHeight,
      padding: [12, bars ? 12 : 32, 0, 0],
      legend: { show: false },
      tzDate: (/** @type {number} */ at) => uPlot.tzDate(new Date(at * 1000), "Etc/UTC"),
      cursor: {
        x: !bars,
        y: false,
        drag: { x: !bars && !small, y: false },
        points: { show: !bars, size: 9, fill: color("--accent"), stroke: color("--panel"), width: 2 },
      },
      hooks: { setCursor: [(plot) => this.#hover(plot)] },
      scales: {
        x: { time: plan.axis === "time", range: (_, low, high) => (bars ? widen(plan, low, high) : [low, high]) },
        y: { range: (_, low, high) => (measure.sum ? fromZero(low, high) : around(low, high)) },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          size: slanted ? 84 : 28,
          rotate: slanted ? -40 : 0,
          space: plan.axis === "time" ? 64 : 40,
          ...(plan.axis === "category" && { splits: () => plan.at }),
          ...(steps && { incrs: steps }),
          values: (_, splits, __, ___, step) => splits.map((at) => tick(plan, at, step)),
        },
        {
          ...axis,
          size: (_, values) => 16 + 7 * Math.max(3, ...(values ?? []).map((text) => text.length)),
          space: small ? 36 : 44,
          ...(measure.whole && { incrs: WHOLE }),
          values: (_, splits, __, ___, step) => splits.map((value) => withUnit(level(value, step, measure), measure.percent ? "" : measure.unit)),
        },
      ],
      series: [
        {},
        ...lines.map((_, at) => {
          const tone = color(TONES[at]);
          const bar = bars && at === 0;
          return {
            stroke: bar ? color("--accent") : tone,
            // Only what stands on zero is filled.
            fill: bar ? tone : at === 0 && lines.length === 1 && kind === "line" && measure.sum ? color("--area") : "transparent",
            width: bar || kind === "dots" ? 0 : 2,
            points: { show: !bar && dots, size: 7, fill: tone, stroke: tone },
            ...(bar && { paths: uPlot.paths.bars?.({ size: [0.74, 64], radius: [0.12, 0] }) }),
            ...(kind === "dots" && { paths: () => null }),
          };
        }),
      ],
    };
  }

  #resize() {
    const { clientWidth: width, clientHeight: height } = this.place;
    if (this.#plot && width && height) this.#plot.setSize({ width, height });
  }

  /** @param {uPlot} plot */
  #hover(plot) {
    const { idx } = plot.cursor;
    const out = (plot.cursor.left ?? -1) < 0;
    this.#point(out || idx === null || idx === undefined ? -1 : idx);
  }

  /**
   * Shows the tooltip of a row; -1 hides it.
   * @param {number} index
   */
  #point(index) {
    const plot = this.#plot;
    const drawn = this.#drawn;
    this.tip.hidden = this.band.hidden = index < 0;
    if (index < 0 || !plot || !drawn) return;
    const { plan } = drawn;
    this.tip.replaceChildren(h("p", { class: "when", text: nameOf(plan, index) }), ...this.#told(drawn, index));
    const left = plot.valToPos(plan.at[index], "x");
    const width = Math.max(4, (plot.over.clientWidth / plan.rows.length) * 0.96);
    if (this.#bars) {
      this.band.style.width = `${width}px`;
      this.band.style.transform = `translateX(${left - width / 2}px)`;
    } else {
      this.band.hidden = true;
    }
    const room = plot.over.clientWidth - this.tip.offsetWidth;
    const beside = left + 14 > room ? left - this.tip.offsetWidth - 14 : left + 14;
    this.tip.style.transform = `translate(${Math.max(0, Math.min(beside, room))}px, 8px)`;
  }

  /**
   * The values of a place, in full.
   * @param {Drawn} drawn
   * @param {number} index
   */
  #told({ plan, measure, before, small }, index) {
    const write = (/** @type {import("../types").Cell} */ value, /** @type {Field} */ field) =>
      value === null ? "null" : field.power ? String(value) : withUnit(formatCell(value, field), field.unit);
    if (plan.series.length) {
      return plan.series.map(({ name, rows }, at) => {
        const row = rows[index];
        return h("p", { class: "value" }, h("i", { class: `tone t${at}` }), h("b", { text: row ? write(row[measure.index], measure) : "\u2013" }), ` ${name}`);
      });
    }
    const row = plan.rows[index];
    const told = [h("p", { class: "value" }, h("b", { text: write(row[measure.index], measure) }), ` ${measure.label.toLowerCase()}`)];
    if (before) {
      const value = linesOf(plan, measure, before)[1].values[index];
      told.push(h("p", { class: "compared" }, h("i", { class: "tone t1" }), h("b", { text: value === null ? "\u2013" : write(value, measure) }), ` ${before.name}`));
    }
    if (small) return told;
    const others = plan.measures.filter((field) => field !== measure).slice(0, 4);
    return [...told, ...others.map((field) => h("p", {}, `${write(row[field.index], field)} `, h("span", { text: field.label.toLowerCase() })))];
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const plot = this.#plot;
    const drawn = this.#drawn;
    if (!plot || !drawn || drawn.small) return;
    const { plan } = drawn;
    const last = plan.rows.length - 1;
    const now = this.tip.hidden ? -1 : (plot.cursor.idx ?? -1);
    const steps = { ArrowRight: now + 1, ArrowLeft: now < 0 ? last : now - 1, Home: 0, End: last, Escape: -1 };
    if (!(event.key in steps)) return;
    event.preventDefault();
    const next = Math.min(steps[/** @type {keyof typeof steps} */ (event.key)], last);
    if (next < 0 && event.key !== "Escape") return;
    plot.setCursor({ left: next < 0 ? -10 : plot.valToPos(plan.at[next], "x"), top: next < 0 ? -10 : 10 });
    const values = [...this.tip.querySelectorAll(".value, .compared")].map((line) => line.textContent).join(", ");
    this.heard.textContent = next < 0 ? "" : `${nameOf(plan, next)}: ${values}`;
  }
}
