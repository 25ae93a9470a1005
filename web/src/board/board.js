// Several questions on one page, live, without controls: for a wall screen. The address holds them.

import { rememberBoard } from "../ask/memory.js";
import { fromHash } from "../ask/question.js";
import { h, icon } from "../parts/dom.js";
import { Panel } from "./panel.js";

/** @typedef {import("../page/page.js").Page} Page */

/** Without a hand on mouse, screen or keyboard for so long, the controls go. */
const IDLE_MS = 4_000;

export class Board {
  /** @type {number | undefined} */
  #idle;

  /**
   * @param {Page} page
   * @param {HTMLElement} place
   * @param {string[]} hashes
   */
  constructor(page, place, hashes) {
    this.page = page;
    this.hashes = hashes;
    this.panels = hashes.map((hash) => new Panel(page, /** @type {import("../types").Question} */ (fromHash(hash)), () => this.#remove(hash)));
    const back = h("a", { class: "quiet", href: location.pathname }, icon("left"), h("span", { text: "Questions" }));
    const full = h("button", { type: "button", class: "quiet", on: { click: () => void document.documentElement.requestFullscreen() } }, h("span", { text: "Full screen" }));
    place.replaceChildren(
      h("div", { class: "controls" }, back, document.fullscreenEnabled ? full : null),
      h("div", { class: "grid", "data-panels": String(this.panels.length) }, ...this.panels.map(({ element }) => element)),
      ...(hashes.length ? [] : [h("p", { class: "none", text: "No question of this board can be read. Add some with \u201cAdd to board\u201d." })]),
    );
    for (const event of ["pointermove", "pointerdown", "keydown", "focusin"]) addEventListener(event, () => this.#wake(), { passive: true });
    this.#wake();
  }

  draw() {
    for (const panel of this.panels) panel.draw();
  }

  #wake() {
    document.body.classList.remove("idle");
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => document.body.classList.add("idle"), IDLE_MS);
  }

  /** @param {string} hash */
  #remove(hash) {
    const left = this.hashes.filter((one) => one !== hash);
    rememberBoard(left);
    location.assign(left.length ? `?${new URLSearchParams(left.map((one) => ["board", one.slice(2)]))}` : location.pathname);
  }
}
