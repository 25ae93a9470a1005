// The WebSocket: opens it with a ticket, keeps it alive, and opens it again when it is lost.

/** @typedef {import("../types").LinkState} LinkState */
/** @typedef {import("../types").Message} Message */

const SUBPROTOCOL = "relay.v1";
const OPENING_MS = 15_000;
/** API Gateway closes a connection that is idle for 10 minutes. */
const IDLE_MS = 4 * 60_000;
/** While somebody waits for rows, a dead line is noticed sooner. */
const BUSY_MS = 30_000;
const PONG_MS = 10_000;
const FIRST_PAUSE_MS = 400;
const LONGEST_PAUSE_MS = 20_000;
/** After so many attempts it is tried only now and then, for screens that nobody sits at. */
const MOST_ATTEMPTS = 10;
const RARE_PAUSE_MS = 60_000;

/** The ticket was refused: the sign-in is missing or over. */
export class SignedOut extends Error {}

export class Connection {
  /** @type {WebSocket | null} */
  #socket = null;
  #before = false;
  #attempt = 0;
  #generation = 0;
  /** @type {number | undefined} */
  #timer;
  /** @type {number | undefined} */
  #heart;
  #heard = 0;

  /**
   * @param {object} options
   * @param {string} options.endpoint
   * @param {() => Promise<string | null>} options.ticket a fresh ticket; null where none is needed; throws SignedOut
   * @param {() => boolean} options.busy whether rows are awaited
   * @param {(state: LinkState) => void} options.onState
   * @param {(message: Message) => void} options.onMessage
   */
  constructor({ endpoint, ticket, busy, onState, onMessage }) {
    this.endpoint = endpoint;
    this.ticket = ticket;
    this.busy = busy;
    this.onState = onState;
    this.onMessage = onMessage;
    /** @type {LinkState} */
    this.state = { name: "idle" };
    addEventListener("online", () => this.#hope());
    addEventListener("offline", () => this.#probe());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState !== "visible") return;
      this.#probe();
      this.#hope();
    });
  }

  /** Opens it, or tries at once instead of later. */
  retry() {
    if (this.state.name === "open" || this.state.name === "connecting") return;
    if (this.state.name === "given_up") this.#attempt = 0;
    clearTimeout(this.#timer);
    void this.#open();
  }

  /** What was lost is tried at once; who is signed out stays so. */
  #hope() {
    if (this.state.name === "waiting" || this.state.name === "given_up") this.retry();
  }

  /**
   * Ends it because the sign-in is over.
   * @param {boolean} expired
   */
  signOut(expired) {
    this.#drop();
    this.#enter({ name: "signed_out", expired });
  }

  /** Ends it and opens another, with a new ticket. */
  reopen() {
    this.#drop();
    void this.#open();
  }

  /**
   * @param {object} message
   * @returns {boolean} whether it was sent
   */
  send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    this.#beat();
    return true;
  }

  /** @param {LinkState} state */
  #enter(state) {
    this.state = state;
    this.onState(state);
  }

  async #open() {
    const generation = ++this.#generation;
    const rare = this.#attempt > MOST_ATTEMPTS;
    this.#enter({ name: "connecting", before: this.#before, attempt: this.#attempt, rare });
    let ticket;
    try {
      ticket = await this.ticket();
    } catch (error) {
      if (generation !== this.#generation) return;
      if (error instanceof SignedOut) this.signOut(this.#before);
      else this.#lost();
      return;
    }
    if (generation !== this.#generation) return;
    const protocols = ticket ? [SUBPROTOCOL, `relay.ticket.${ticket}`] : [SUBPROTOCOL];
    const socket = new WebSocket(this.endpoint, protocols);
    this.#socket = socket;
    const late = setTimeout(() => socket === this.#socket && this.#lost(), OPENING_MS);
    socket.onopen = () => {
      clearTimeout(late);
      this.#before = true;
      this.#enter({ name: "open" });
      this.#beat();
    };
    socket.onmessage = ({ data }) => {
      if (socket === this.#socket) this.#receive(data);
    };
    socket.onclose = () => {
      clearTimeout(late);
      if (socket === this.#socket) this.#lost();
    };
  }

  /** @param {unknown} data */
  #receive(data) {
    this.#heard = performance.now();
    let message;
    try {
      message = JSON.parse(String(data));
    } catch {
      return;
    }
    // Only a gateway that speaks has really been reached.
    this.#attempt = 0;
    if (message && typeof message === "object" && message.type !== "pong") this.onMessage(message);
  }

  #drop() {
    this.#generation++;
    clearTimeout(this.#timer);
    clearTimeout(this.#heart);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #lost() {
    this.#drop();
    this.#attempt++;
    const rare = this.#attempt > MOST_ATTEMPTS;
    const even = rare ? RARE_PAUSE_MS : Math.min(FIRST_PAUSE_MS * 2 ** (this.#attempt - 1), LONGEST_PAUSE_MS);
    const pause = even * (0.75 + Math.random() / 2);
    this.#timer = setTimeout(() => void this.#open(), pause);
    const before = this.#before;
    this.#enter(rare ? { name: "given_up", before } : { name: "waiting", before, attempt: this.#attempt, at: Date.now() + pause });
  }

  #beat() {
    clearTimeout(this.#heart);
    this.#heart = setTimeout(() => this.#probe(), this.busy() ? BUSY_MS : IDLE_MS);
  }

  /** Asks for a sign of life. */
  #probe() {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN) return;
    const asked = performance.now();
    socket.send('{"action":"ping"}');
    clearTimeout(this.#heart);
    this.#heart = setTimeout(() => {
      if (socket !== this.#socket) return;
      if (this.#heard < asked) this.#lost();
      else this.#beat();
    }, PONG_MS);
  }
}
