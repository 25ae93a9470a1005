// The chart: uPlot, with a tooltip, in the colours of the page. Loaded after the first paint.

import uPlot from "uplot";

import { formatCell, formatNumber, formatShort, withUnit } from "../columns/columns.js";
import { h } from "../parts/dom.js";
import { kindOf, nameOf } from "./plan.js";

/** @typedef {import("./plan.js").Plan} Plan */
/** @typedef {import("../columns/columns.js").Field} Field */

const DAY_SECONDS = 86_400;
const MOST_POINTS = 92;

export class Chart {
  /** @type {uPlot | null} */
  #plot = null;
  /** @type {Plan | null} */
  #plan = null;
  /** @type {Field | null} */
  #measure = null;

  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
    this.tip = h("div", { class: "tip", hidden: true });
    this.band = h("div", { class: "band", hidden: true });
    this.heard = h("p", { class: "unseen", "aria-live": "polite" });
    this.place.tabIndex = 0;
    this.place.setAttribute("role", "group");
    this.place.addEventListener("keydown", (event) => this.#key(event));
    this.place.addEventListener("blur", () => this.#point(-1));
    new ResizeObserver(() => this.#resize()).observe(place);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#draw());
  }

  /**
   * @param {Plan} plan
   * @param {Field} measure
   */
  show(plan, measure) {
    this.#plan = plan;
    this.#measure = measure;
    this.#draw();
  }

  clear() {
    this.#plot?.destroy();
    this.#plot = this.#plan = null;
    this.place.replaceChildren();
    this.place.removeAttribute("data-points");
  }

  #draw() {
    const plan = this.#plan;
    const measure = this.#measure;
    if (!plan || !measure) return;
    this.#plot?.destroy();
    const values = plan.rows.map((row) => (row[measure.index] === null ? null : Number(row[measure.index])));
    this.place.replaceChildren(this.heard);
    this.#plot = new uPlot(this.#options(plan, measure), [plan.at, values], this.place);
    this.#plot.over.append(this.band, this.tip);
    this.band.hidden = this.tip.hidden = true;
    this.place.dataset.points = String(plan.rows.length);
    this.place.setAttribute(
      "aria-label",
      `Chart: ${measure.label} by ${plan.x.label}, ${plan.rows.length} values from ${nameOf(plan, 0)} to ` +
        `${nameOf(plan, plan.rows.length - 1)}. The arrow keys read them.`,
    );
  }

  /**
   * @param {Plan} plan
   * @param {Field} measure
   * @returns {uPlot.Options}
   */
  #options(plan, measure) {
    const style = getComputedStyle(this.place);
    const colour = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
    const bars = kindOf(plan, measure) === "bars";
    const axis = {
      stroke: colour("--muted"),
      font: `12px ${style.fontFamily}`,
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { show: false },
    };
    return {
      width: this.place.clientWidth,
      height: this.place.clientHeight,
      padding: [12, bars ? 12 : 32, 0, 0],
      legend: { show: false },
      tzDate: (/** @type {number} */ at) => uPlot.tzDate(new Date(at * 1000), "Etc/UTC"),
      cursor: {
        x: !bars,
        y: false,
        drag: { x: !bars, y: false },
        points: { show: !bars, size: 9, fill: colour("--accent"), stroke: colour("--panel"), width: 2 },
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
          size: plan.axis === "category" && plan.rows.length > 6 ? 84 : 28,
          rotate: plan.axis === "category" && plan.rows.length > 6 ? -40 : 0,
          space: plan.axis === "time" ? 64 : 40,
          ...(plan.axis === "category" && { splits: () => plan.at }),
          ...(plan.axis === "time" && { incrs: increments(plan) }),
          values: (_, splits, __, ___, step) => splits.map((at) => tick(plan, at, step)),
        },
        {
          ...axis,
          size: (_, values) => 16 + 7 * Math.max(3, ...(values ?? []).map((text) => text.length)),
          space: 44,
          values: (_, splits, __, ___, step) => splits.map((value) => withUnit(level(value, step), measure.unit)),
        },
      ],
      series: [
        {},
        {
          stroke: colour("--accent"),
          // Only what stands on zero is filled.
          fill: bars ? colour("--bar") : measure.sum ? colour("--area") : "transparent",
          width: bars ? 0 : 2,
          points: { show: !bars && plan.rows.length <= MOST_POINTS, size: 7, fill: colour("--accent") },
          ...(bars && { paths: uPlot.paths.bars?.({ size: [0.74, 64], radius: [0.12, 0] }) }),
        },
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
    const plan = this.#plan;
    const measure = this.#measure;
    this.tip.hidden = this.band.hidden = index < 0;
    if (index < 0 || !plot || !plan || !measure) return;
    const row = plan.rows[index];
    const write = (/** @type {Field} */ field) => {
      const value = formatCell(row[field.index], field);
      return row[field.index] === null ? value : withUnit(value, field.unit);
    };
    const others = plan.measures.filter((field) => field !== measure).slice(0, 4);
    this.tip.replaceChildren(
      h("p", { class: "when", text: nameOf(plan, index) }),
      h("p", { class: "value" }, h("b", { text: write(measure) }), ` ${measure.label.toLowerCase()}`),
      ...others.map((field) => h("p", {}, `${write(field)} `, h("span", { text: field.label.toLowerCase() }))),
    );
    const left = plot.valToPos(plan.at[index], "x");
    const width = Math.max(4, (plot.over.clientWidth / plan.rows.length) * 0.96);
    if (kindOf(plan, measure) === "bars") {
      this.band.style.width = `${width}px`;
      this.band.style.transform = `translateX(${left - width / 2}px)`;
    } else {
      this.band.hidden = true;
    }
    const room = plot.over.clientWidth - this.tip.offsetWidth;
    const beside = left + 14 > room ? left - this.tip.offsetWidth - 14 : left + 14;
    this.tip.style.transform = `translate(${Math.max(0, Math.min(beside, room))}px, 8px)`;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const plot = this.#plot;
    const plan = this.#plan;
    const measure = this.#measure;
    if (!plot || !plan || !measure) return;
    const last = plan.rows.length - 1;
    const now = this.tip.hidden ? -1 : (plot.cursor.idx ?? -1);
    const steps = { ArrowRight: now + 1, ArrowLeft: now < 0 ? last : now - 1, Home: 0, End: last, Escape: -1 };
    if (!(event.key in steps)) return;
    event.preventDefault();
    const next = Math.min(steps[/** @type {keyof typeof steps} */ (event.key)], last);
    if (next < 0 && event.key !== "Escape") return;
    plot.setCursor({ left: next < 0 ? -10 : plot.valToPos(plan.at[next], "x"), top: next < 0 ? -10 : 10 });
    this.heard.textContent = next < 0 ? "" : `${nameOf(plan, next)}: ${this.tip.querySelector(".value")?.textContent}`;
  }
}

/**
 * Room for half a bar at both ends.
 * @param {Plan} plan
 * @param {number} low
 * @param {number} high
 * @returns {[number, number]}
 */
function widen({ at }, low, high) {
  let gap = Infinity;
  for (let i = 1; i < at.length; i++) gap = Math.min(gap, at[i] - at[i - 1]);
  return [low - gap * 0.6, high + gap * 0.6];
}

/**
 * What adds up stands on zero, or its height lies.
 * @param {number} low
 * @param {number} high
 * @returns {[number, number]}
 */
function fromZero(low, high) {
  const top = Math.max(high, 0);
  const bottom = Math.min(low, 0);
  const room = (top - bottom || 1) * 0.06;
  return [bottom && bottom - room, top || bottom === 0 ? top + room : 0];
}

/**
 * @param {number} low
 * @param {number} high
 * @returns {[number, number]}
 */
function around(low, high) {
  const room = (high - low || Math.abs(high) || 1) * 0.08;
  return [low >= 0 && low < room * 4 ? 0 : low - room, high + room];
}

/**
 * Dates have no ticks between days.
 * @param {Plan} plan
 */
function increments({ x }) {
  const days = [1, 2, 7, 14, 30, 60, 90, 180, 365, 730, 1825, 3650].map((days) => days * DAY_SECONDS);
  return x.type === "date" ? days : [60, 300, 900, 3600, 10_800, 21_600, 43_200, ...days];
}

/**
 * A level of the axis, as precise as its steps.
 * @param {number} value
 * @param {number} step
 */
function level(value, step) {
  return step < 1 ? formatNumber(value, Math.ceil(-Math.log10(step) - 1e-9)) : formatShort(value);
}

/** @type {Record<string, Intl.DateTimeFormat>} */
const FORMATS = {
  year: new Intl.DateTimeFormat("en-GB", { year: "numeric", timeZone: "UTC" }),
  month: new Intl.DateTimeFormat("en-GB", { month: "short", year: "numeric", timeZone: "UTC" }),
  day: new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" }),
  minute: new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "UTC" }),
};

/**
 * @param {Plan} plan
 * @param {number} at
 * @param {number} step
 */
function tick(plan, at, step) {
  if (plan.axis === "category") {
    const name = formatCell(plan.rows[at]?.[plan.x.index] ?? "", plan.x);
    return name.length > 16 ? `${name.slice(0, 15)}\u2026` : name;
  }
  if (plan.axis === "number") return formatShort(at);
  const unit = step >= 365 * DAY_SECONDS ? "year" : step >= 30 * DAY_SECONDS ? "month" : step >= DAY_SECONDS ? "day" : "minute";
  return FORMATS[unit].format(new Date(at * 1000));
}
