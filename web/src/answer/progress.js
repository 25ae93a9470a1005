// Where a request is, in people's words: asked, running, receiving, done. Once it is done, the line below says it all.

import { formatNumber } from "../columns/numbers.js";
import { h, icon, write } from "../parts/dom.js";

/** @typedef {import("../types").LinkState} LinkState */
/** @typedef {import("../ask/request.js").Request} Request */
/** @typedef {"todo" | "now" | "done" | "bad"} Mark */

const STEPS = /** @type {const} */ (["asked", "running", "receiving", "done"]);

export class Progress {
  /** @param {HTMLElement} place an ordered list */
  constructor(place) {
    this.place = place;
    this.steps = STEPS.map((name) => {
      const text = h("span", { class: "text" });
      const item = h("li", { "data-step": name }, h("span", { class: "dot" }, icon("check")), text);
      return { item, text };
    });
    place.replaceChildren(...this.steps.map(({ item }) => item));
  }

  /**
   * @param {LinkState} link
   * @param {Request | null} request
   */
  show(link, request) {
    const answer = request?.answer;
    const phase = answer?.phase ?? "asked";
    this.place.dataset.phase = phase;
    const rows = answer?.shown?.rows.length ?? 0;
    const ran = Boolean(answer?.shown) || phase === "complete";
    const end = phase === "failed" || phase === "cancelled" ? (phase === "failed" ? "Failed" : "Stopped") : "";
    const accepted = phase !== "asked" && (!end || Boolean(answer?.accepted));
    const seconds = answer ? Math.floor(((answer.endedAt || performance.now()) - answer.askedAt) / 1000) : 0;
    this.#set(0, asking(link, request), accepted ? "done" : end ? "bad" : "now");
    if (end && accepted && !ran) this.#set(1, `${end} after ${seconds} s`, "bad");
    else this.#set(1, ran ? (answer?.shown?.complete?.cached || answer?.cached ? "Saved answer" : "Ran") : `Running${phase === "accepted" ? ` for ${seconds} s` : ""}`, ran ? "done" : phase === "accepted" ? "now" : "todo");
    const count = `${formatNumber(rows, 0)} ${rows === 1 ? "row" : "rows"}`;
    this.#set(2, ran ? (phase === "rows" ? `Receiving, ${count}` : `Received ${count}`) : "Receiving", phase === "rows" ? "now" : ran ? (end ? "bad" : "done") : "todo");
    this.#set(3, ran && end ? end : "Done", phase === "complete" ? "done" : ran && end ? "bad" : "todo");
  }

  /**
   * @param {number} at
   * @param {string} text
   * @param {Mark} mark
   */
  #set(at, text, mark) {
    const step = this.steps[at];
    write(step.text, text);
    step.item.className = mark;
    if (mark === "now") step.item.setAttribute("aria-current", "step");
    else step.item.removeAttribute("aria-current");
  }
}

/**
 * @param {LinkState} link
 * @param {Request | null} request
 */
function asking(link, request) {
  if (request?.answer.phase !== "asked") return "Asked";
  if (request.againAt) return `Asking again in ${Math.max(1, Math.ceil((request.againAt - Date.now()) / 1000))} s`;
  if (link.name === "open") return "Asking";
  return link.name === "signed_out" ? "Waiting for your sign-in" : "Connecting";
}
