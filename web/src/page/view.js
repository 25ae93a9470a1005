// What is drawn of the page, at most once a frame: the bar on top, the title, and the answer or the board below.

import { AnswerView } from "../answer/view.js";
import { boardQuestions, rememberBoard } from "../ask/memory.js";
import { fromHash, titleOf } from "../ask/question.js";
import { loadChart } from "../chart/load.js";
import { find, h, icon, write } from "../parts/dom.js";
import { showEdges } from "../parts/edges.js";

/** @typedef {import("./page.js").Page} Page */

const LINK_TEXT = {
  idle: "Not connected",
  connecting: "Connecting\u2026",
  open: "Connected",
  waiting: "Not connected",
  given_up: "Not connected",
  signed_out: "Signed out",
};

export class View {
  #scheduled = false;
  #outdated = false;
  /** @type {import("../board/board.js").Board | null} */
  #board = null;

  /** @param {Page} page */
  constructor(page) {
    this.page = page;
    find("title", HTMLElement).textContent = page.config.title;
    this.who = find("who", HTMLElement);
    this.pill = find("link", HTMLElement);
    this.boardLink = find("to-board", HTMLAnchorElement);
    this.answer = new AnswerView(page);
    find("reload", HTMLButtonElement).addEventListener("click", () => location.reload());
    showEdges(find("rail", HTMLElement), find("rail", HTMLElement));
    /** @type {string[] | null} questions of the board in the address, as hashes; null without one */
    this.board = null;
    // The chart library comes after the first paint, and before the first answer.
    setTimeout(() => loadChart().catch(() => this.outdated()), 300);
  }

  /** Reads the address for a board, once a sign-in has given it back. */
  start() {
    this.board = boardOf(location.search);
    if (this.board) void this.#openBoard(this.board);
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

  /** Draws soon, and what has not changed too. */
  redraw() {
    this.answer.content.stale();
    this.draw();
  }

  fresh() {
    this.answer.fresh();
  }

  changed() {
    this.answer.changed();
  }

  reveal() {
    // What is to have the focus may be hidden until it is drawn.
    document.body.dataset.view = "answer";
    this.answer.reveal();
  }

  /** A file of this build is gone: a newer one is there. */
  outdated() {
    this.#outdated = true;
    this.draw();
  }

  /**
   * @param {string} hash
   * @returns {number} how many questions are on the board now
   */
  addToBoard(hash) {
    const board = [...new Set([...boardQuestions(), hash])];
    rememberBoard(board);
    this.draw();
    return board.length;
  }

  /** @param {string[]} hashes */
  async #openBoard(hashes) {
    try {
      const { Board } = await import("../board/board.js");
      this.#board = new Board(this.page, find("board", HTMLElement), hashes);
      this.draw();
    } catch {
      this.outdated();
    }
  }

  #draw() {
    const { page } = this;
    const link = page.connection.state;
    this.pill.dataset.state = link.name;
    write(/** @type {Element} */ (this.pill.lastElementChild), LINK_TEXT[link.name]);
    this.#drawWho(page.signIn.name);
    const { answer } = page;
    const signedOut = link.name === "signed_out";
    // Who has to sign in first sees nothing but that, unless there are rows that stay.
    const asked = answer && !(signedOut && !answer.shown);
    document.body.dataset.view = this.board && !signedOut ? "board" : asked ? "answer" : "home";
    document.body.dataset.catalog = page.catalog.queries ? "here" : "none";
    find("outdated", HTMLElement).hidden = !this.#outdated;
    this.#drawBoardLink();
    this.#drawTitle();
    this.answer.draw();
    this.#board?.draw();
  }

  /** The question and its values come first: they tell tabs and bookmarks apart. */
  #drawTitle() {
    const { answer, catalog, config } = this.page;
    const asked = answer && titleOf(answer.question, catalog.find(answer.question.query));
    const news = answer && document.hidden && this.answer.told ? "New data: " : "";
    const title = asked ? `${news}${asked} \u2013 ${config.title}` : config.title;
    if (document.title !== title) document.title = title;
  }

  #drawBoardLink() {
    const board = boardQuestions();
    this.boardLink.hidden = !board.length;
    const address = `?${new URLSearchParams(board.map((hash) => ["board", hash.slice(2)]))}`;
    if (this.boardLink.getAttribute("href") !== address) this.boardLink.href = address;
    write(/** @type {Element} */ (this.boardLink.lastElementChild), `Board (${board.length})`);
  }

  /** @param {string} name */
  #drawWho(name) {
    if (this.who.dataset.name === name) return;
    this.who.dataset.name = name;
    this.who.replaceChildren(
      ...(name ? [h("span", { text: name }), h("button", { type: "button", class: "quiet", on: { click: () => void this.page.signOut() } }, icon("leave"), h("span", { text: "Sign out" }))] : []),
    );
  }
}

/**
 * The questions in `?board=daily_trips%3Fmonth%3D2015-01&board=monthly_volume`, as hashes.
 * @param {string} search
 */
function boardOf(search) {
  const given = new URLSearchParams(search).getAll("board");
  const hashes = given.map((question) => `#/${question}`).filter((hash) => fromHash(hash));
  return given.length ? hashes : null;
}
