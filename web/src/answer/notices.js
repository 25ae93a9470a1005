// What to say when there is nothing to see, or when something went wrong: one clear state at a time.

import { humanise } from "../columns/columns.js";

/** @typedef {import("../types").LinkState} LinkState */
/** @typedef {import("../types").Question} Question */
/** @typedef {import("./answer.js").Answer} Answer */

/**
 * @typedef {object} Notice
 * @property {string} state for styles and tests
 * @property {"info" | "warn" | "bad"} tone
 * @property {"lost" | "alert" | "key" | "empty" | "stop"} icon
 * @property {string} title
 * @property {string} text
 * @property {string} [detail] for whoever is asked for help
 * @property {"retry" | "sign_in" | "ask"} [action]
 * @property {string} [label] of the action
 */

/** @typedef {Pick<Notice, "state" | "title" | "text">} Problem */

/** @type {Record<string, [string, boolean]>} code: title, and whether asking again may help */
const ERRORS = {
  query_failed: ["The warehouse reported an error", true],
  timeout: ["It took too long", true],
  not_started: ["It could not be started", true],
  expired: ["The answer is no longer kept", true],
  row_too_wide: ["A row is too large to send", false],
  too_large: ["The question is too large", false],
  too_many_requests: ["Too many questions at once", true],
  forbidden: ["You may not ask this", false],
  unknown_query: ["There is no such question", false],
  bad_parameter: ["A value was not accepted", false],
  bad_request: ["The gateway did not understand", false],
  query_changed: ["The question has changed", true],
  unavailable: ["The answer cannot be read now", true],
  unauthorized: ["The sign-in was not accepted", false],
  no_answer: ["The gateway does not answer", true],
  gateway: ["The gateway had a problem", true],
};

/**
 * @param {LinkState} link
 * @param {Answer | null} answer
 * @param {{ canSignIn: boolean, questions: number | null, problem: Problem | null }} page
 * @returns {Notice | null}
 */
export function noticeOf(link, answer, page) {
  return ofLink(link, page) ?? (answer ? ofAnswer(answer) : ofNothing(link, page.questions));
}

/**
 * @param {LinkState} link
 * @param {{ canSignIn: boolean, problem: Problem | null }} page
 * @returns {Notice | null}
 */
function ofLink(link, { canSignIn, problem }) {
  if (link.name === "signed_out") {
    /** @type {Notice} */
    const notice = problem
      ? { ...problem, tone: "bad", icon: "key" }
      : link.expired
        ? { state: "expired", tone: "warn", icon: "key", title: "Your sign-in has expired", text: "Sign in again to go on. Your question stays as it is." }
        : { state: "signed_out", tone: "info", icon: "key", title: "Sign in to ask", text: "These answers are for people who are known here." };
    if (canSignIn) return { ...notice, action: "sign_in", label: link.expired ? "Sign in again" : "Sign in" };
    return { ...notice, text: "The gateway asks for a sign-in, and this page was set up without one." };
  }
  // The same while it is tried, so that it is said once.
  if (link.name === "given_up" || (link.name === "connecting" && link.rare)) {
    return { state: "given_up", tone: "bad", icon: "lost", title: "The gateway cannot be reached", text: "It was tried several times, without success. It is tried again about once a minute.", action: "retry", label: "Try now" };
  }
  if (link.name === "waiting" || (link.name === "connecting" && link.attempt > 0)) {
    const when = link.name === "waiting" ? `Trying again in ${Math.max(0, Math.ceil((link.at - Date.now()) / 1000))} s.` : "Trying now.";
    if (link.before) {
      return { state: "lost", tone: "warn", icon: "lost", title: "Connection lost", text: `${when} What is here stays, and the rest follows.`, action: "retry", label: "Try now" };
    }
    return { state: "unreachable", tone: "bad", icon: "lost", title: "The gateway cannot be reached", text: `${when} You may be offline, or the gateway may not know this page.`, action: "retry", label: "Try now" };
  }
  return null;
}

/**
 * @param {Answer} answer
 * @returns {Notice | null}
 */
function ofAnswer(answer) {
  const { phase, error, shown } = answer;
  if (phase === "cancelled") {
    return { state: "cancelled", tone: "info", icon: "stop", title: "Cancelled", text: error?.message ?? "You stopped this question.", action: "ask", label: "Ask again" };
  }
  if (error) {
    const [title, again] = ERRORS[error.code] ?? ["Something went wrong", true];
    /** @type {Notice} */
    const notice = { state: "error", tone: "bad", icon: "alert", title, text: error.message, detail: error.run ? `${error.code} \u00b7 ${error.run}` : error.code };
    return again ? { ...notice, action: "ask", label: "Ask again" } : notice;
  }
  if (phase === "complete" && shown?.rows.length === 0) {
    return { state: "empty", tone: "info", icon: "empty", title: "No rows", text: `The query ran, and found nothing for ${describe(answer.question)}.` };
  }
  return null;
}

/**
 * @param {LinkState} link
 * @param {number | null} questions
 * @returns {Notice | null}
 */
function ofNothing(link, questions) {
  if (link.name !== "open" || questions === null) return null;
  if (questions === 0) {
    return { state: "no_questions", tone: "info", icon: "empty", title: "No questions yet", text: "The catalog is empty, or holds nothing that you may ask." };
  }
  return { state: "start", tone: "info", icon: "empty", title: "Choose a question", text: "The answer appears here: a chart, the rows, and where they came from." };
}

/**
 * The values of a question in words.
 * @param {Question} question
 */
export function describe({ query, params }) {
  const values = Object.entries(params).map(([name, value]) => `${humanise(name).toLowerCase()} ${value}`);
  return values.length ? values.join(", ") : humanise(query).toLowerCase();
}
