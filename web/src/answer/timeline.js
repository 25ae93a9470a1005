// Where a request is: connected, accepted, running, rows, complete.

import { formatNumber } from "../columns/columns.js";
import { h, icon, write } from "../parts/dom.js";

/** @typedef {import("../types").LinkState} LinkState */
/** @typedef {import("./answer.js").Answer} Answer */

const STEPS = /** @type {const} */ (["connected", "accepted", "running", "rows", "complete"]);
/** @typedef {"todo" | "now" | "done" | "bad"} Mark */

export class Timeline {
  /** @param {HTMLElement} place an ordered list */
  constructor(place) {
    this.steps = STEPS.map((name) => {
      const text = h("span", { class: "text" });
      const detail = h("span", { class: "detail" });
      const item = h("li", { "data-step": name }, h("span", { class: "dot" }, icon("check")), h("span", {}, text, detail));
      return { item, text, detail };
    });
    place.replaceChildren(...this.steps.map(({ item }) => item));
  }

  /**
   * @param {LinkState} link
   * @param {Answer | null} answer
   */
  show(link, answer) {
    this.#connected(link);
    const phase = answer?.phase;
    const batch = answer?.shown;
    const ended = phase === "complete" || phase === "failed" || phase === "cancelled";
    const rows = batch ? batch.rows.length : 0;
    const seconds = answer ? Math.floor(((answer.endedAt || performance.now()) - answer.askedAt) / 1000) : 0;
    const held = batch?.complete ? batch.complete.held : answer?.held;
    const accepted = phase && phase !== "asked" && (phase !== "failed" || answer?.accepted);
    this.#set(1, "Accepted", "", accepted ? "done" : phase === "asked" ? "now" : "todo");
    const running = phase === "accepted";
    const ran = Boolean(batch) || phase === "complete";
    const stopped = (phase === "failed" || phase === "cancelled") && !ran && accepted;
    this.#set(
      2,
      stopped ? (phase === "failed" ? "Failed" : "Cancelled") : held && (ran || running) ? "Held answer" : running ? "Running" : "Ran",
      running ? `for ${seconds} s` : stopped ? `after ${seconds} s` : "",
      ran ? "done" : running ? "now" : stopped ? "bad" : "todo",
    );
    this.#set(3, "Rows", batch ? formatNumber(rows, 0) : "", phase === "rows" ? "now" : ran ? (ended && phase !== "complete" ? "bad" : "done") : "todo");
    const total = answer?.endedAt ? (answer.endedAt - answer.askedAt) / 1000 : 0;
    this.#set(
      4,
      phase === "failed" && ran ? "Failed" : phase === "cancelled" && ran ? "Cancelled" : "Complete",
      phase === "complete" && !answer?.renewed && !answer?.previous ? `after ${total < 10 ? total.toFixed(1) : Math.round(total)} s` : "",
      phase === "complete" ? "done" : ended && ran ? "bad" : "todo",
    );
  }

  /** @param {LinkState} link */
  #connected(link) {
    switch (link.name) {
      case "open":
        return this.#set(0, "Connected", "", "done");
      case "connecting":
        return this.#set(0, link.before ? "Reconnecting" : "Connecting", "", "now");
      case "waiting":
        return this.#set(0, link.before ? "Connection lost" : "Not connected", "", "bad");
      case "signed_out":
        return this.#set(0, "Signed out", "", link.expired ? "bad" : "todo");
      default:
        return this.#set(0, "Not connected", "", link.name === "idle" ? "todo" : "bad");
    }
  }

  /**
   * @param {number} at
   * @param {string} text
   * @param {string} detail
   * @param {Mark} mark
   */
  #set(at, text, detail, mark) {
    const step = this.steps[at];
    write(step.text, text);
    write(step.detail, detail);
    step.item.className = mark;
    if (mark === "now") step.item.setAttribute("aria-current", "step");
    else step.item.removeAttribute("aria-current");
  }
}
