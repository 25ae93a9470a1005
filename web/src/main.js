// Puts the page together: what one does, what the gateway says, and what is drawn.

import { Answer } from "./answer/answer.js";
import { SignIn, SignInFailed } from "./sign_in/sign_in.js";
import { Catalog } from "./ask/catalog.js";
import { Connection } from "./connection/connection.js";
import { find } from "./parts/dom.js";
import { fromHash, toHash } from "./ask/link.js";
import { View } from "./answer/view.js";

/** @typedef {import("./types").Config} Config */
/** @typedef {import("./types").Message} Message */
/** @typedef {import("./types").Question} Question */

/** An accepted question without a sign of life is asked for again; asking twice changes nothing. */
const NUDGE_MS = 120_000;
/** API Gateway ends a route's work after 29 s. */
const ACCEPT_MS = 15_000;
const MOST_NUDGES = 2;
const NOT_SIGNED_IN = { state: "sign_in_failed", title: "The sign-in did not work" };
const AWAY = "The sign-in provider cannot be reached.";

class Page {
  /** @type {Answer | null} */
  answer = null;
  /** @type {import("./answer/notices.js").Problem | null} with the sign-in */
  problem = null;
  #signedOutAt = -Infinity;
  #heardAt = 0;
  #nudges = 0;

  /** @param {Config} config */
  constructor(config) {
    this.config = config;
    this.signIn = new SignIn(config);
    this.catalog = new Catalog(find("catalog", HTMLUListElement), (query, params) =>
      this.ask({ query, params, live: this.answer?.question.query === query && this.answer.question.live }, { seen: true }),
    );
    this.connection = new Connection({
      endpoint: config.endpoint,
      ticket: () => this.signIn.ticket(),
      busy: () => Boolean(this.answer?.open && !this.answer.watching),
      onState: (state) => this.#linked(state),
      onMessage: (message) => this.#receive(message),
    });
    this.view = new View(this, config);
    addEventListener("hashchange", () => this.#follow());
    setInterval(() => this.#tick(), 1000);
  }

  async start() {
    try {
      await this.signIn.finish();
    } catch (error) {
      this.problem = { ...NOT_SIGNED_IN, text: error instanceof SignInFailed ? error.message : AWAY };
    }
    this.#follow();
    if (this.problem) this.connection.signOut(false);
    else this.connection.retry();
    this.view.draw();
  }

  /**
   * @param {Question} question
   * @param {{ seen?: boolean }} [how] `seen`: bring the answer into view on a small screen
   */
  ask(question, { seen = false } = {}) {
    this.#cancel();
    this.answer = new Answer(question);
    this.#nudges = 0;
    const hash = toHash(question);
    if (location.hash !== hash) history.pushState(null, "", hash);
    this.catalog.select(question.query, question.params);
    this.view.fresh();
    this.#send();
    if (seen) this.view.reveal();
    this.view.draw();
  }

  /** Asks the same again. */
  again() {
    if (this.answer) this.ask(this.answer.question);
  }

  /** Stops waiting for an answer. */
  stop() {
    if (!this.answer) return;
    this.#cancel();
    this.answer.receive({ type: "cancelled", id: this.answer.id });
    this.view.draw();
  }

  /** @param {boolean} live */
  watch(live) {
    const answer = this.answer;
    if (!answer) return;
    this.#cancel();
    answer.question = { ...answer.question, live };
    history.replaceState(null, "", toHash(answer.question));
    answer.renew();
    // Only watching, and an answer that is not here yet, need the gateway again.
    if (answer.open) this.#send();
    this.view.draw();
  }

  async goSignIn() {
    try {
      await this.signIn.start();
    } catch {
      this.problem = { ...NOT_SIGNED_IN, text: AWAY };
      this.view.draw();
    }
  }

  async signOut() {
    this.problem = null;
    const ending = this.signIn.end();
    this.connection.signOut(false);
    try {
      await ending;
    } catch {
      this.problem = { state: "session_left", title: "You are signed out here only", text: `${AWAY} Your session there may go on.` };
      this.view.draw();
    }
  }

  /** The question in the address is asked, unless it is the one that is here. */
  #follow() {
    const question = fromHash(location.hash);
    if (question && (!this.answer || toHash(this.answer.question) !== toHash(question))) this.ask(question);
  }

  #cancel() {
    if (this.answer?.open) this.connection.send({ action: "cancel", id: this.answer.id });
  }

  #send() {
    this.#heardAt = performance.now();
    if (this.answer) this.connection.send(this.answer.request());
  }

  /** @param {import("./types").LinkState} state */
  #linked(state) {
    if (state.name === "open") {
      this.problem = null;
      this.connection.send({ action: "catalog" });
      if (this.answer?.open) this.#send();
    }
    this.view.draw();
  }

  /** @param {Message} message */
  #receive(message) {
    if (message.type === "catalog") {
      this.catalog.show(message.queries);
      if (this.answer) this.catalog.select(this.answer.question.query, this.answer.question.params);
      this.view.draw();
      return;
    }
    if (message.type === "error" && message.code === "signed_out") {
      this.#signedOut();
      return;
    }
    const answer = this.answer;
    if (!answer) return;
    if (message.type === undefined) {
      // API Gateway's own words carry no id: they are about what was asked last.
      if (answer.phase === "asked") answer.receive({ type: "error", id: answer.id, code: "gateway", message: `${message.message}.`, run: null });
    } else if (!("id" in message) || message.id !== answer.id) {
      return;
    } else if (message.type === "error" && message.code === "expired" && answer.shown && !answer.renewed) {
      // The rest of a result that the warehouse no longer keeps: it is asked for anew.
      answer.forget();
      answer.renew();
      this.#send();
    } else {
      this.#heardAt = performance.now();
      const effect = answer.receive(message);
      if (effect === "version") this.view.changed();
      if (effect === "again") this.#missing(answer);
      if (message.type === "error" && message.code === "bad_parameter") this.catalog.refuse(message.message);
    }
    this.view.draw();
  }

  /** @param {Answer} answer whose rows did not all come */
  #missing(answer) {
    if (answer.question.live) this.#cancel();
    answer.renew();
    this.#send();
  }

  /** The gateway has ended the connection with its sign-in: once a new ticket may help. */
  #signedOut() {
    const now = performance.now();
    const helpless = now - this.#signedOutAt < 10_000;
    this.#signedOutAt = now;
    if (helpless) {
      this.signIn.forget();
      this.connection.signOut(true);
    } else {
      this.connection.reopen();
    }
  }

  #tick() {
    const answer = this.answer;
    if (answer?.open && !answer.watching && this.connection.state.name === "open") {
      const patience = answer.phase === "asked" ? ACCEPT_MS : NUDGE_MS;
      if (performance.now() - this.#heardAt > patience) {
        if (answer.phase === "asked" && ++this.#nudges > MOST_NUDGES) {
          answer.receive({ type: "error", id: answer.id, code: "no_answer", message: "It was asked several times, without an answer.", run: null });
        } else {
          this.#send();
        }
      }
    }
    this.view.draw();
  }
}

async function begin() {
  const response = await fetch("config.json", { cache: "no-cache" });
  /** @type {Config} */
  const config = await response.json();
  await new Page(config).start();
}

begin().catch(() => {
  const notice = find("notice", HTMLElement);
  notice.textContent = "This page could not read its config.json.";
  notice.className = "notice plain";
});

export { Page };
