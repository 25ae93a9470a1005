// What is drawn of the state, at most once a frame.

import { compare, note } from "./changes.js";
import { fieldsOf, formatNumber, humanise } from "../columns/columns.js";
import { toCsv } from "../rows/csv.js";
import { find, h, icon, write } from "../parts/dom.js";
import { describe, noticeOf } from "./notices.js";
import { plan } from "../chart/plan.js";
import { Table } from "../rows/table.js";
import { drawTiles } from "../rows/tiles.js";
import { Timeline } from "./timeline.js";

/** @typedef {import("../types").Config} Config */
/** @typedef {import("../columns/columns.js").Field} Field */
/** @typedef {import("./answer.js").Batch} Batch */
/** @typedef {import("../chart/chart.js").Chart} Chart */

/** While rows arrive, what looks at all of them is drawn this often. */
const PAUSE_MS = 400;
/** Up to here, drawing with every message is no work. */
const FEW_ROWS = 2_000;
const NEWS_MS = 20_000;

const LINK_TEXT = {
  idle: "Not connected",
  connecting: "Connecting\u2026",
  open: "Connected",
  waiting: "Not connected",
  given_up: "Not connected",
  signed_out: "Signed out",
};

const WHEN = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

export class View {
  #scheduled = false;
  #shownAt = 0;
  #shown = "";
  #noticed = "";
  /** @type {number | undefined} */
  #later;
  /** @type {string} measure that is drawn, by name, so that it stays with a new version */
  #measure = "";
  /** @type {import("./changes.js").Changes | null} */
  #changes = null;
  #news = "";
  /** @type {Field[]} */
  #fields = [];
  /** @type {Chart | null} */
  #chart = null;
  /** @type {Promise<Chart> | null} */
  #loading = null;

  /**
   * @param {import("../main.js").Page} page
   * @param {Config} config
   */
  constructor(page, config) {
    this.page = page;
    this.config = config;
    document.title = config.title;
    find("title", HTMLElement).textContent = config.title;
    this.result = find("result", HTMLElement);
    this.notice = find("notice", HTMLElement);
    this.tiles = find("tiles", HTMLElement);
    this.caption = find("caption", HTMLElement);
    this.place = find("chart", HTMLElement);
    this.news = find("news", HTMLElement);
    this.size = find("size", HTMLElement);
    this.who = find("who", HTMLElement);
    this.pill = find("link", HTMLElement);
    this.table = new Table(find("table", HTMLElement));
    this.timeline = new Timeline(find("timeline", HTMLElement));
    this.live = h("button", { type: "button", class: "switch", role: "switch", "aria-checked": "false", on: { click: () => page.watch(!page.answer?.question.live) } }, h("i"), "Live");
    this.stop = h("button", { type: "button", class: "quiet", on: { click: () => page.stop() } }, icon("close"), "Cancel");
    this.copy = h("button", { type: "button", class: "quiet", on: { click: () => this.#copyLink() } }, icon("link"), h("span", { text: "Copy link" }));
    this.csv = h("button", { type: "button", class: "quiet", on: { click: () => this.#download() } }, icon("download"), "CSV");
    find("tools", HTMLElement).replaceChildren(this.live, this.stop, this.copy, this.csv);
    // The chart library comes after the first paint, and before the first answer.
    setTimeout(() => void this.#loadChart(), 300);
  }

  /** Draws soon. */
  draw() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      this.#draw();
    });
  }

  /** A new question: nothing of the old one stays. */
  fresh() {
    this.#changes = null;
    this.#news = "";
    this.#shown = "";
    this.#fields = [];
    this.table.clear();
    this.#chart?.clear();
    this.tiles.replaceChildren();
  }

  /** A new data version has replaced the one before. */
  changed() {
    const { shown, previous } = this.page.answer ?? {};
    if (!shown || !previous) return;
    const fields = fieldsOf(shown.columns, shown.rows, this.config.columns);
    this.#changes = compare(previous.rows, shown.rows, fields);
    const measure = fields.find(({ name }) => name === this.#measure) ?? null;
    this.#news = `New data: ${note(this.#changes, previous.rows, shown.rows, measure)}.`;
    this.result.classList.remove("slid");
    void this.result.offsetWidth;
    this.result.classList.add("slid");
    setTimeout(() => {
      this.result.classList.remove("slid");
      this.#changes = null;
      this.#shown = "";
      this.draw();
    }, NEWS_MS);
  }

  /** Brings the answer into view where the questions stand above it. */
  reveal() {
    const answer = find("answer", HTMLElement);
    if (answer.getBoundingClientRect().top > innerHeight * 0.6) answer.scrollIntoView({ block: "start" });
  }

  #draw() {
    const { answer, connection, catalog, signIn, problem } = this.page;
    const link = connection.state;
    this.pill.dataset.state = link.name;
    write(/** @type {Element} */ (this.pill.lastElementChild), LINK_TEXT[link.name]);
    this.#drawWho(signIn.name);
    const question = answer?.question;
    write(find("question", HTMLElement), question ? humanise(question.query) : "\u00a0");
    write(find("about", HTMLElement), question ? this.#about(question) : "\u00a0");
    this.timeline.show(link, answer);
    const waiting = Boolean(answer?.open && !answer.watching);
    const rows = answer?.shown?.rows.length ?? 0;
    this.live.setAttribute("aria-checked", String(Boolean(question?.live)));
    this.live.hidden = this.copy.hidden = !question;
    this.stop.hidden = !waiting;
    this.csv.hidden = waiting || !question;
    this.csv.disabled = !rows;
    const found = noticeOf(link, answer, { canSignIn: signIn.possible, questions: catalog.queries?.length ?? null, problem });
    this.#drawNotice(found, rows > 0);
    this.result.dataset.state = rows ? "rows" : found ? "notice" : waiting ? "waiting" : "none";
    this.result.setAttribute("aria-busy", String(waiting));
    this.#drawNews();
    if (answer?.shown) this.#drawRows(answer.shown, waiting);
  }

  /** @param {import("../types").Question} question */
  #about(question) {
    const description = this.page.catalog.describe(question.query);
    const values = Object.keys(question.params).length ? describe(question) : "";
    return [values && values.charAt(0).toUpperCase() + values.slice(1), description].filter(Boolean).join(" \u00b7 ") || "\u00a0";
  }

  /** @param {string} name */
  #drawWho(name) {
    if (this.who.dataset.name === name) return;
    this.who.dataset.name = name;
    this.who.replaceChildren(
      ...(name ? [h("span", { text: name }), h("button", { type: "button", class: "quiet", text: "Sign out", on: { click: () => void this.page.signOut() } })] : []),
    );
  }

  /**
   * @param {import("./notices.js").Notice | null} notice
   * @param {boolean} over whether it lies over rows, which stay in sight
   */
  #drawNotice(notice, over) {
    const drawn = notice ? JSON.stringify({ ...notice, text: "", over }) : "";
    this.notice.className = `notice ${notice ? `${notice.tone} ${over ? "strip" : "plain"}` : "none"}`;
    const text = this.notice.querySelector(".text");
    if (drawn === this.#noticed) {
      if (text && notice) write(text, notice.text);
      return;
    }
    this.#noticed = drawn;
    this.notice.dataset.state = notice?.state ?? "";
    if (!notice) {
      this.notice.replaceChildren();
      return;
    }
    const act = { retry: () => this.page.connection.retry(), sign_in: () => void this.page.goSignIn(), ask: () => this.page.again() };
    const { action } = notice;
    const urgent = notice.tone === "bad" ? "alert" : "status";
    const parts = [
      h("span", { class: "badge" }, icon(notice.icon)),
      h("div", { class: "words" },
        h("h3", { text: notice.title, role: urgent }),
        h("p", { class: "text", text: notice.text }),
        notice.detail ? h("p", { class: "detail" }, h("code", { text: notice.detail })) : null),
      action ? h("button", { type: "button", class: "primary", text: notice.label ?? "", on: { click: act[action] } }) : null,
    ];
    this.notice.replaceChildren(...parts.filter((part) => part !== null));
  }

  #drawNews() {
    const done = this.page.answer?.shown?.complete;
    const parts = [];
    if (done) {
      parts.push(done.held ? "Held answer" : "Fresh answer", `${done.elapsed_seconds.toFixed(2)} s in the warehouse`);
      parts.push(`data version ${done.version}${done.changed_at ? `, loaded ${WHEN.format(new Date(done.changed_at))}` : ""}`);
      if (this.page.answer?.watching) parts.push("watching for new data");
      if (done.truncated) parts.push(`only the first ${formatNumber(done.rows, 0)} rows, more are not sent`);
    }
    const text = [this.#news, parts.join(" \u00b7 ")].filter(Boolean).join(" ");
    if (this.news.dataset.text === text) return;
    this.news.dataset.text = text;
    this.news.replaceChildren(...(this.#news ? [h("b", { text: this.#news }), " "] : []), parts.join(" \u00b7 "));
  }

  /**
   * @param {Batch} batch
   * @param {boolean} arriving
   */
  #drawRows(batch, arriving) {
    const drawn = `${batch.run} ${batch.rows.length} ${Boolean(batch.complete)} ${Boolean(this.#changes)}`;
    if (drawn === this.#shown) return;
    const wait = arriving && batch.rows.length > FEW_ROWS ? this.#shownAt + PAUSE_MS - performance.now() : 0;
    clearTimeout(this.#later);
    if (wait > 0) {
      this.#later = setTimeout(() => this.draw(), wait);
      return;
    }
    this.#shownAt = performance.now();
    this.#shown = drawn;
    this.#fields = fieldsOf(batch.columns, batch.rows, this.config.columns);
    this.table.show(this.#fields, batch.rows, this.#changes);
    write(this.size, this.table.size);
    const chart = batch.rows.length ? plan(this.#fields, batch.rows) : "";
    const measures = typeof chart === "string" ? this.#fields.filter(({ kind }) => kind === "number") : chart.measures;
    const measure = measures.find(({ name }) => name === this.#measure) ?? measures[0];
    this.#measure = measure?.name ?? "";
    drawTiles(this.tiles, measures, batch, typeof chart === "string" ? null : this.#measure, (name) => {
      this.#measure = name;
      this.#shown = "";
      this.draw();
    });
    void this.#drawChart(chart, measure);
  }

  /**
   * @param {import("../chart/plan.js").Plan | string} chart
   * @param {Field | undefined} measure
   */
  async #drawChart(chart, measure) {
    if (typeof chart === "string" || !measure) {
      this.#chart?.clear();
      write(this.caption, "");
      this.place.replaceChildren(h("p", { class: "none", text: String(chart) }));
      return;
    }
    write(this.caption, `${measure.label} by ${chart.x.label.toLowerCase()}${measure.unit ? `, ${measure.unit}` : ""}`);
    const shown = this.#shown;
    const drawing = await this.#loadChart();
    if (shown === this.#shown) drawing.show(chart, measure);
  }

  #loadChart() {
    this.#loading ??= import("../chart/chart.js").then(({ Chart }) => (this.#chart = new Chart(this.place)));
    return this.#loading;
  }

  async #copyLink() {
    const label = /** @type {Element} */ (this.copy.lastElementChild);
    try {
      await navigator.clipboard.writeText(location.href);
      write(label, "Copied");
    } catch {
      write(label, "It is in the address bar");
    }
    setTimeout(() => write(label, "Copy link"), 2500);
  }

  #download() {
    const { answer } = this.page;
    if (!answer?.shown) return;
    const address = URL.createObjectURL(toCsv(answer.shown.columns.map(({ name }) => name), answer.shown.rows));
    const values = Object.values(answer.question.params).map((value) => value.replace(/[^A-Za-z0-9._-]+/g, "-"));
    h("a", { href: address, download: `${[answer.question.query, ...values].join("-")}.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }
}
