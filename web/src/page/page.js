// Puts the page together: what one does, what the gateway says, and what is drawn.

import { Catalog } from "../ask/catalog.js";
import { forget, lastQuestion, lastValues, remember } from "../ask/memory.js";
import { fromHash, toHash } from "../ask/question.js";
import { Request } from "../ask/request.js";
import { listed, monthBefore } from "../ask/values.js";
import { Connection } from "../connection/connection.js";
import { find } from "../parts/dom.js";
import { SignIn, SignInFailed } from "../sign_in/sign_in.js";
import { View } from "./view.js";

/** @typedef {import("../types").Config} Config */
/** @typedef {import("../types").Message} Message */
/** @typedef {import("../types").Question} Question */

const NOT_SIGNED_IN = { state: "sign_in_failed", title: "The sign-in did not work" };
const AWAY = "The sign-in provider cannot be reached.";
/** The catalog is asked for again after so long; API Gateway ends a route's work after 29 s. */
const CATALOG_MS = 10_000;

export class Page {
  /** @type {Request | null} what is in sight */
  request = null;
  /** @type {Request | null} the same of the month before */
  before = null;
  /** @type {import("../answer/notices.js").Problem | null} with the sign-in */
  problem = null;
  /** Whether a question may ask for a new run. */
  canRunAgain = false;
  /** @type {Set<Request>} everything that is asked: the above, a board's, values of forms */
  requests = new Set();
  #signedOutAt = -Infinity;
  #catalogAt = -Infinity;
  /** @type {Map<string, Promise<string[]>>} */
  #values = new Map();

  /** @param {Config} config */
  constructor(config) {
    this.config = config;
    this.signIn = new SignIn(config);
    this.catalog = new Catalog(find("catalog", HTMLUListElement), {
      ask: (query, params, stepped) => this.ask({ query, params, live: this.#watches(query) }, { stepped }),
      values: (parameter) => this.#list(parameter),
    });
    this.connection = new Connection({
      endpoint: config.endpoint,
      ticket: () => this.signIn.ticket(),
      busy: () => [...this.requests].some(({ answer }) => answer.open && !answer.watching),
      onState: (state) => this.#linked(state),
      onMessage: (message) => this.#receive(message),
    });
    this.view = new View(this);
    addEventListener("hashchange", () => this.#follow());
    addEventListener("popstate", () => this.#follow());
    setInterval(() => this.#tick(), 1000);
  }

  async start() {
    try {
      await this.signIn.finish();
    } catch (error) {
      this.problem = { ...NOT_SIGNED_IN, text: error instanceof SignInFailed ? error.message : AWAY };
    }
    this.view.start();
    this.#follow();
    if (this.problem && !this.signIn.ready) this.connection.signOut(false);
    else this.connection.retry();
    this.view.draw();
  }

  get answer() {
    return this.request?.answer ?? null;
  }

  /**
   * @param {Question} question
   * @param {object} [how]
   * @param {boolean} [how.stepped] by an arrow of the form: the focus stays there
   * @param {boolean} [how.fresh] the warehouse is to be asked although an answer is saved
   * @param {boolean} [how.quiet] nobody asked for it just now: the focus stays, and no step back leads here
   */
  ask(question, { stepped = false, fresh = false, quiet = false } = {}) {
    const compared = Boolean(this.before) && this.request?.answer.question.query === question.query;
    this.#drop();
    const hash = toHash(question);
    if (location.hash !== hash) history[quiet ? "replaceState" : "pushState"](null, "", hash);
    this.catalog.select(question.query, question.params);
    this.view.fresh();
    this.request = this.begin(question, {
      version: () => this.view.changed(),
      refused: (message) => this.catalog.refuse(message),
    }, fresh);
    remember(question);
    if (compared) this.compare(true);
    if (!stepped && !quiet) this.view.reveal();
    this.view.draw();
  }

  /**
   * Asks for anything: a board's panel, the values of a form.
   * @param {Question} question
   * @param {{ change?: () => void, version?: () => void, refused?: (message: string) => void }} [on]
   * @param {boolean} [fresh]
   */
  begin(question, on = {}, fresh = false) {
    const change = () => {
      on.change?.();
      this.view.draw();
    };
    const request = new Request(question, this.connection, { ...on, change }, fresh);
    this.requests.add(request);
    return request;
  }

  /** @param {Request | null} request */
  end(request) {
    if (!request) return;
    request.cancel();
    this.requests.delete(request);
  }

  /**
   * Asks the same again.
   * @param {boolean} [fresh]
   */
  again(fresh = false) {
    if (this.answer) this.ask(this.answer.question, { fresh: fresh && this.canRunAgain });
  }

  /** Asks what was asked last, perhaps on another day. */
  last() {
    const question = lastQuestion();
    if (question) this.ask(question);
  }

  /** Stops waiting for an answer. */
  stop() {
    this.request?.stop();
  }

  /** @param {boolean} live */
  watch(live) {
    if (!this.request) return;
    this.request.watch(live);
    history.replaceState(null, "", toHash(this.request.answer.question));
  }

  /** The question whose answer can be laid beside the present one. */
  get comparable() {
    return this.answer && monthBefore(this.answer.question, this.catalog.find(this.answer.question.query));
  }

  /** @param {boolean} on */
  compare(on) {
    this.end(this.before);
    const question = on ? this.comparable : null;
    this.before = question ? this.begin(question) : null;
    this.view.redraw();
  }

  /**
   * Back to the questions, with what was asked in its form.
   * @param {boolean} change whether another value is to be chosen
   */
  home(change) {
    const asked = this.answer?.question;
    this.#drop();
    history.pushState(null, "", location.pathname);
    if (asked) this.catalog.select(asked.query, asked.params);
    this.view.fresh();
    this.view.draw();
    requestAnimationFrame(() => {
      scrollTo(0, 0);
      if (change) this.catalog.focus();
      else document.getElementById(`query-${asked?.query}`)?.focus();
    });
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
    forget();
    const ending = this.signIn.end();
    this.connection.signOut(false);
    try {
      await ending;
    } catch {
      this.problem = { state: "session_left", title: "You are signed out here only", text: `${AWAY} Your session there may go on.` };
      this.view.draw();
    }
  }

  /** @param {string} query */
  #watches(query) {
    return this.answer?.question.query === query && this.answer.question.live;
  }

  /** The question in the address is asked, unless it is the one that is here; without one, nothing is. */
  #follow() {
    const question = fromHash(location.hash);
    if (question && (!this.answer || toHash(this.answer.question) !== toHash(question))) this.ask(question, { quiet: true });
    if (!question && this.request) {
      this.#drop();
      this.view.fresh();
    }
    this.view.draw();
  }

  #drop() {
    this.end(this.request);
    this.end(this.before);
    this.request = this.before = null;
  }

  /**
   * The values that another query lists for a parameter, asked for once.
   * @param {import("../types").Parameter} parameter
   */
  #list({ type, values }) {
    const key = JSON.stringify([type, values]);
    let found = this.#values.get(key);
    if (!found) {
      found = values ? listed(this, values, type) : Promise.resolve([]);
      this.#values.set(key, found);
    }
    return found;
  }

  /** @param {import("../types").LinkState} state */
  #linked(state) {
    if (state.name === "open") {
      this.problem = null;
      this.#askCatalog();
      for (const request of this.requests) request.connected();
    }
    this.view.draw();
  }

  #askCatalog() {
    this.#catalogAt = performance.now();
    this.connection.send({ action: "catalog" });
  }

  /** @param {Message} message */
  #receive(message) {
    if (message.type === "catalog") {
      this.canRunAgain = Boolean(message.fresh);
      this.catalog.show(message.queries);
      if (this.answer) this.catalog.select(this.answer.question.query, this.answer.question.params);
      else void this.#openFirst();
      this.view.redraw();
    } else if (message.type === "error" && message.code === "signed_out") {
      this.#signedOut();
    } else {
      for (const request of [...this.requests]) request.receive(message);
    }
    this.view.draw();
  }

  /** The question that its author lets open first, where nothing else was asked and all its values are known. */
  async #openFirst() {
    const query = this.catalog.queries?.find((one) => one.default);
    if (!query || this.view.board || location.hash) return;
    /** @type {Record<string, string>} */
    const params = { ...lastValues(query.query) };
    for (const parameter of query.parameters) {
      const { name, latest } = parameter;
      if (params[name] || parameter.default !== undefined) continue;
      const newest = latest ? (await this.#list(parameter))[0] : undefined;
      if (newest === undefined) return;
      params[name] = newest;
    }
    if (!this.answer && !location.hash) this.ask({ query: query.query, params, live: false }, { quiet: true });
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
    for (const request of this.requests) request.tick();
    const missing = !this.catalog.queries && this.connection.state.name === "open";
    if (missing && performance.now() - this.#catalogAt > CATALOG_MS) this.#askCatalog();
    this.view.draw();
  }
}
