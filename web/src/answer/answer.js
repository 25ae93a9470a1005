// The answer to one question: rows by number, runs and data versions. Knows neither the page nor the network.

/** @typedef {import("../types").Complete} Complete */
/** @typedef {import("../types").Message} Message */
/** @typedef {import("../types").Column} Column */
/** @typedef {import("../types").Row} Row */
/** @typedef {import("../types").Question} Question */

/** The rows of one run, as far as they are here. */
export class Batch {
  /**
   * @param {string} run
   * @param {number} version
   */
  constructor(run, version) {
    this.run = run;
    this.version = version;
    /** @type {Column[]} */
    this.columns = [];
    /** @type {Row[]} */
    this.rows = [];
    /** @type {Complete | null} */
    this.complete = null;
    /** @type {Map<number, Row[]>} rows that came before the ones they follow */
    this.early = new Map();
  }

  /**
   * Takes what is new: delivery is at least once, so rows may come again.
   * @param {number} first
   * @param {Row[]} rows
   */
  add(first, rows) {
    if (first > this.rows.length) {
      this.early.set(first, rows);
      return;
    }
    for (let at = this.rows.length - first; at < rows.length; at++) this.rows.push(rows[at]);
    for (const [next, waiting] of this.early) {
      if (next <= this.rows.length) {
        this.early.delete(next);
        this.add(next, waiting);
      }
    }
  }
}

/** @typedef {"asked" | "accepted" | "rows" | "complete" | "failed" | "cancelled"} Phase */

let count = 0;

/** An id that no other request of this browser has. */
function newId() {
  const random = crypto.getRandomValues(new Uint32Array(2));
  return `page-${++count}-${random[0].toString(36)}${random[1].toString(36)}`;
}

export class Answer {
  /**
   * @param {Question} question
   * @param {boolean} [fresh] whether the warehouse is to be asked although an answer is saved
   */
  constructor(question, fresh = false) {
    this.question = question;
    this.fresh = fresh;
    this.id = newId();
    /** @type {Phase} */
    this.phase = "asked";
    this.accepted = false;
    this.cached = false;
    /** Whether it was asked again, so that its times say nothing. */
    this.renewed = false;
    this.askedAt = performance.now();
    this.endedAt = 0;
    /** @type {Batch | null} what one sees */
    this.shown = null;
    /** @type {Batch | null} a newer version that is on its way */
    this.arriving = null;
    /** @type {Batch | null} what was seen before the present version */
    this.previous = null;
    /** @type {{ code: string, message: string, run: string | null } | null} */
    this.error = null;
  }

  /** Whether anything may still come. */
  get open() {
    return this.phase === "asked" || this.phase === "accepted" || this.phase === "rows" || this.watching;
  }

  /** Whether the answer is here and newer ones will follow. */
  get watching() {
    return this.question.live && this.phase === "complete";
  }

  /** The message that asks, or asks for the rest. */
  request() {
    const batch = this.arriving ?? this.shown;
    const { query, params, live } = this.question;
    const resume = batch ? { resume: { run: batch.run, row: batch.rows.length } } : {};
    // Once its run is known, asking for it again must not start another.
    const fresh = this.fresh && !this.accepted && !batch ? { fresh: true } : {};
    return { action: "query", id: this.id, query, params, live, ...resume, ...fresh };
  }

  /** Asks under a new id, since the gateway has done with the old one. */
  renew() {
    this.id = newId();
    this.error = null;
    this.renewed = true;
    if (!this.shown?.complete) this.phase = "asked";
  }

  /** Forgets rows that the gateway cannot continue. */
  forget() {
    this.shown = this.arriving = null;
    this.phase = "asked";
    this.error = null;
  }

  /**
   * What a message means: `again` asks for what is missing, `ignored` changes nothing.
   * @param {Message} message
   * @returns {"changed" | "version" | "again" | "ignored"}
   */
  receive(message) {
    switch (message.type) {
      case "accepted":
        this.accepted = true;
        if (!this.shown?.complete) this.cached = message.cached;
        if (this.phase === "asked") this.phase = "accepted";
        return "changed";
      case "rows":
        return this.#rows(message);
      case "complete":
        return this.#complete(message);
      case "cancelled":
        if (!this.shown?.complete) this.phase = "cancelled";
        this.endedAt = performance.now();
        return "changed";
      case "error":
        return this.#failed(message);
      default:
        return "ignored";
    }
  }

  /**
   * @param {Extract<Message, { type: "rows" }>} message
   * @returns {"changed" | "version" | "again" | "ignored"}
   */
  #rows(message) {
    const batch = this.#batch(message.run, message.version);
    if (!batch) return "ignored";
    if (message.columns) batch.columns = message.columns;
    batch.add(message.first_row, message.rows);
    if (!this.shown?.complete) this.phase = "rows";
    this.error = null;
    const { id, run, version, complete } = message;
    return complete ? this.#complete({ type: "complete", id, run, version, ...complete }) : "changed";
  }

  /**
   * The batch of a run, a new one if it is newer than what is here.
   * @param {string} run
   * @param {number} version
   */
  #batch(run, version) {
    for (const batch of [this.arriving, this.shown]) {
      if (batch?.run === run) return batch;
      if (batch && version < batch.version) return null;
    }
    const batch = new Batch(run, version);
    if (this.shown?.complete) this.arriving = batch;
    else this.shown = batch;
    return batch;
  }

  /**
   * @param {Complete} message
   * @returns {"changed" | "version" | "again" | "ignored"}
   */
  #complete(message) {
    const batch = this.#batch(message.run, message.version);
    if (!batch) return "ignored";
    if (batch.rows.length !== message.rows) return "again";
    const news = batch === this.arriving;
    if (news) {
      this.previous = this.shown;
      this.shown = batch;
      this.arriving = null;
    }
    // Asked for again, what came fresh is still what came fresh.
    batch.complete = batch.complete ? { ...message, cached: batch.complete.cached } : message;
    this.phase = "complete";
    this.error = null;
    this.endedAt = performance.now();
    return news ? "version" : "changed";
  }

  /**
   * @param {Extract<Message, { type: "error" }>} message
   * @returns {"changed"}
   */
  #failed(message) {
    this.error = { code: message.code, message: message.message, run: message.run };
    this.arriving = null;
    this.endedAt = performance.now();
    if (!this.shown?.complete) this.phase = message.code === "cancelled" ? "cancelled" : "failed";
    return "changed";
  }
}
