// One question on its way to an answer: asked, asked again where nothing came, resumed, watched, stopped.
// Knows the gateway's messages, and nothing of what is drawn.

import { Answer } from "../answer/answer.js";

/** @typedef {import("../types").Message} Message */
/** @typedef {import("../types").Question} Question */
/** @typedef {import("../connection/connection.js").Connection} Connection */

/** An accepted question without a sign of life is asked for again; asking twice changes nothing. */
const NUDGE_MS = 120_000;
/** API Gateway ends a route's work after 29 s. */
const ACCEPT_MS = 15_000;
const MOST_NUDGES = 2;
/** What API Gateway says when a function was killed, too slow or throttled: asking again may help. */
const PASSING = /internal server error|timed out|timeout|throttl|too many|limit exceeded|service unavailable|bad gateway/i;
const FIRST_PAUSE_MS = 1_000;
const MOST_REPEATS = 5;

export class Request {
  #heardAt = 0;
  #nudges = 0;
  #repeats = 0;
  /** @type {number | undefined} */
  #later;

  /**
   * @param {Question} question
   * @param {Connection} connection
   * @param {object} on
   * @param {() => void} on.change
   * @param {() => void} [on.version] a newer answer has replaced the one before
   * @param {(message: string) => void} [on.refused] a value was not accepted
   * @param {boolean} [fresh]
   */
  constructor(question, connection, on, fresh = false) {
    this.connection = connection;
    this.on = on;
    this.answer = new Answer(question, fresh);
    /** When it is asked again, since the gateway could not take it. */
    this.againAt = 0;
    this.#send();
  }

  /** Stops waiting, without a word to anybody here. */
  cancel() {
    clearTimeout(this.#later);
    if (this.answer.open) this.connection.send({ action: "cancel", id: this.answer.id });
  }

  /** Stops waiting because somebody wants that. */
  stop() {
    this.cancel();
    this.answer.receive({ type: "cancelled", id: this.answer.id });
    this.on.change();
  }

  /** @param {boolean} live */
  watch(live) {
    this.cancel();
    this.answer.question = { ...this.answer.question, live };
    this.answer.renew();
    // Only watching, and an answer that is not here yet, need the gateway again.
    if (this.answer.open) this.#send();
    this.on.change();
  }

  /** The connection is here again. */
  connected() {
    if (this.answer.open) this.#send();
  }

  /**
   * @param {Message} message
   * @returns {boolean} whether it was about this question
   */
  receive(message) {
    const { answer } = this;
    if (message.type === undefined) return this.#failed(message.message);
    if (!("id" in message) || message.id !== answer.id) return false;
    if (message.type === "error" && message.code === "expired" && answer.shown && !answer.renewed) {
      // The rest of a result that the warehouse no longer keeps: it is asked for anew.
      answer.forget();
      answer.renew();
      this.#send();
      return true;
    }
    this.#heardAt = performance.now();
    const effect = answer.receive(message);
    if (effect === "version") this.on.version?.();
    if (effect === "again") this.#missing();
    if (message.type === "error" && message.code === "bad_parameter") this.on.refused?.(message.message);
    this.on.change();
    return true;
  }

  /** Called every second. */
  tick() {
    const { answer } = this;
    if (!answer.open || answer.watching || this.againAt || this.connection.state.name !== "open") return;
    const timeout = answer.phase === "asked" ? ACCEPT_MS : NUDGE_MS;
    if (performance.now() - this.#heardAt <= timeout) return;
    if (answer.phase === "asked" && ++this.#nudges > MOST_NUDGES) {
      this.#fail("no_answer", "You asked several times, and no answer came.");
    } else {
      this.#send();
    }
  }

  #send() {
    clearTimeout(this.#later);
    this.againAt = 0;
    this.#heardAt = performance.now();
    this.connection.send(this.answer.request());
  }

  /** Some rows did not come. */
  #missing() {
    if (this.answer.question.live) this.cancel();
    this.answer.renew();
    this.#send();
  }

  /**
   * API Gateway's own words carry no id: they are about what was asked and not yet accepted.
   * @param {string} words
   */
  #failed(words) {
    if (this.answer.phase !== "asked" || this.againAt) return false;
    if (PASSING.test(words) && this.#repeats < MOST_REPEATS) {
      const pause = FIRST_PAUSE_MS * 2 ** this.#repeats++ * (0.75 + Math.random() / 2);
      this.againAt = Date.now() + pause;
      this.#later = setTimeout(() => this.#send(), pause);
    } else {
      this.#fail("gateway", `${words}.`);
    }
    this.on.change();
    return true;
  }

  /**
   * @param {string} code
   * @param {string} message
   */
  #fail(code, message) {
    this.answer.receive({ type: "error", id: this.answer.id, code, message, run: null });
  }
}
