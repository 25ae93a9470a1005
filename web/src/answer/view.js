// What is drawn of one answer: its name, where it stands, what went wrong, and what came.

import { nameOf, valuesOf } from "../ask/question.js";
import { lastQuestion } from "../ask/memory.js";
import { find, h, icon, write } from "../parts/dom.js";
import { compare, note } from "./changes.js";
import { noticeOf } from "./notices.js";
import { Progress } from "./progress.js";
import { Result } from "./result.js";
import { originOf } from "./sentence.js";
import { Tools } from "./tools.js";

/** @typedef {import("../page/page.js").Page} Page */
/** @typedef {import("./notices.js").Notice} Notice */

const NEWS_MS = 20_000;

export class AnswerView {
  #noticed = "";
  /** @type {import("./changes.js").Changes | null} */
  #changes = null;
  #news = "";

  /** @param {Page} page */
  constructor(page) {
    this.page = page;
    this.question = find("question", HTMLElement);
    this.values = find("values", HTMLElement);
    this.about = find("about", HTMLElement);
    this.result = find("result", HTMLElement);
    this.notice = find("notice", HTMLElement);
    this.news = find("news", HTMLElement);
    this.progress = new Progress(find("timeline", HTMLElement));
    this.tools = new Tools(page, find("tools", HTMLElement));
    this.content = new Result(page);
    this.stop = h("button", { type: "button", class: "plain", id: "stop", on: { click: () => page.stop() } }, "Stop");
    find("timeline", HTMLElement).after(this.stop);
    this.again = h("button", { type: "button", class: "plain", on: { click: () => page.again(true) } }, icon("again"), h("span", {}));
    find("origin", HTMLElement).append(this.again);
    this.origin = h("span");
    this.again.before(this.origin);
    find("back", HTMLButtonElement).addEventListener("click", () => page.home(false));
    find("change", HTMLButtonElement).addEventListener("click", () => page.home(true));
  }

  /** A new question: nothing of the old one stays. */
  fresh() {
    this.#changes = null;
    this.#news = "";
    this.content.clear();
  }

  /** A new data version has replaced the one before. */
  changed() {
    const { shown, previous } = this.page.answer ?? {};
    if (!shown || !previous) return;
    const fields = this.content.fieldsOf(shown);
    this.#changes = compare(previous.rows, shown.rows, fields);
    this.#news = `New data: ${note(this.#changes, previous.rows, shown.rows, this.content.measureOf(fields))}.`;
    this.result.classList.remove("slid");
    void this.result.offsetWidth;
    this.result.classList.add("slid");
    setTimeout(() => {
      this.result.classList.remove("slid");
      this.#changes = null;
      this.content.stale();
      this.page.view.draw();
    }, NEWS_MS);
  }

  /** What came last while nobody looked: it stands in the title. */
  get told() {
    return this.#news;
  }

  /** Brings the answer into view, and what the keyboard does next with it. */
  reveal() {
    scrollTo(0, 0);
    this.question.focus({ preventScroll: true });
  }

  draw() {
    const { page } = this;
    const { answer } = page;
    const link = page.connection.state;
    const query = answer ? page.catalog.find(answer.question.query) : undefined;
    const waiting = Boolean(answer?.open && !answer.watching);
    const rows = answer?.shown?.rows.length ?? 0;
    if (answer) {
      write(this.question, nameOf(answer.question.query, query));
      write(this.values, valuesOf(answer.question, query));
      write(this.about, query?.description ?? "");
      this.progress.show(link, page.request);
      this.tools.draw();
      this.stop.hidden = !waiting;
    }
    const notice = noticeOf(link, answer, {
      host: page.signIn.possible ? page.signIn.host : null,
      title: page.config.title,
      queries: page.catalog.queries,
      last: lastQuestion(),
      problem: page.problem,
    });
    this.#drawNotice(notice, rows > 0);
    this.result.dataset.state = !answer ? "home" : rows ? "rows" : notice ? "notice" : waiting ? "waiting" : "none";
    this.result.setAttribute("aria-busy", String(waiting));
    this.#drawOrigin();
    if (answer?.shown) this.content.show(answer.shown, waiting, this.#changes);
  }

  /**
   * @param {Notice | null} notice
   * @param {boolean} over whether it stands above rows, which stay in sight
   */
  #drawNotice(notice, over) {
    const drawn = notice ? JSON.stringify({ ...notice, text: "", over }) : "";
    this.notice.className = `notice ${notice ? `${notice.tone} ${over ? "strip" : "hero"}` : "none"}`;
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
    const { page } = this;
    const act = { retry: () => page.connection.retry(), sign_in: () => void page.goSignIn(), ask: () => page.again(), last: () => page.last() };
    const { action } = notice;
    const urgent = notice.tone === "bad" ? "alert" : "status";
    const parts = [
      h("span", { class: "badge" }, icon(notice.icon)),
      h("div", { class: "words" },
        h("h3", { text: notice.title, role: urgent }),
        h("p", { class: "text", text: notice.text }),
        notice.detail ? h("p", { class: "detail" }, h("code", { text: notice.detail })) : null),
      action ? h("button", { type: "button", class: "primary", text: notice.label ?? "", on: { click: act[action] } }) : null,
      notice.after ? h("p", { class: "after", text: notice.after }) : null,
    ];
    this.notice.replaceChildren(...parts.filter((part) => part !== null));
  }

  #drawOrigin() {
    const { answer, canRunAgain } = this.page;
    const done = answer?.shown?.complete;
    write(this.origin, answer ? originOf(answer) : "");
    this.again.hidden = !done;
    write(/** @type {Element} */ (this.again.lastElementChild), canRunAgain ? "Run again" : "Ask again");
    write(this.news, this.#news);
    this.news.hidden = !this.#news;
  }
}
