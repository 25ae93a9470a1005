// What one can do with an answer: be told of changes, copy its link, download it, put it on a board.

import { toHash } from "../ask/question.js";
import { h, icon, write } from "../parts/dom.js";
import { toCsv } from "../rows/csv.js";

/** @typedef {import("../page/page.js").Page} Page */

const TOLD_MS = 2_500;

export class Tools {
  /**
   * @param {Page} page
   * @param {HTMLElement} place
   */
  constructor(page, place) {
    this.page = page;
    const quiet = (/** @type {string} */ name, /** @type {Parameters<typeof icon>[0]} */ shape, /** @type {() => void} */ click) =>
      h("button", { type: "button", class: "quiet", on: { click } }, icon(shape), h("span", { text: name }));
    this.live = h("button", { type: "button", class: "switch", role: "switch", "aria-checked": "false", on: { click: () => page.watch(!page.answer?.question.live) } }, h("i"), "Tell me when it changes");
    this.copy = quiet("Copy link", "link", () => void this.#copyLink());
    this.csv = quiet("CSV", "download", () => this.#download());
    this.board = quiet("Add to board", "board", () => this.#toBoard());
    place.replaceChildren(this.live, this.copy, this.csv, this.board);
  }

  draw() {
    const { answer } = this.page;
    this.live.setAttribute("aria-checked", String(Boolean(answer?.question.live)));
    this.csv.disabled = Boolean(answer?.open && !answer.watching) || !answer?.shown?.rows.length;
  }

  async #copyLink() {
    try {
      await navigator.clipboard.writeText(location.href);
      say(this.copy, "Copied", "Copy link");
    } catch {
      say(this.copy, "It is in the address bar", "Copy link");
    }
  }

  #toBoard() {
    const { answer } = this.page;
    if (!answer) return;
    const count = this.page.view.addToBoard(toHash({ ...answer.question, live: false }));
    say(this.board, count === 1 ? "On the board" : `On the board with ${count - 1} more`, "Add to board");
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

/**
 * Says on a button what has happened, for a moment.
 * @param {HTMLElement} button
 * @param {string} text
 * @param {string} name of the button
 */
function say(button, text, name) {
  const label = /** @type {Element} */ (button.lastElementChild);
  write(label, text);
  setTimeout(() => write(label, name), TOLD_MS);
}
