// What to say when there is nothing to see, or when something went wrong: one clear state at a time.

import { titleOf, valuesOf } from "../ask/question.js";

/** @typedef {import("../types").LinkState} LinkState */
/** @typedef {import("../types").Question} Question */
/** @typedef {import("../types").Query} Query */
/** @typedef {import("./answer.js").Answer} Answer */

/**
 * @typedef {object} Notice
 * @property {string} state for styles and tests
 * @property {"info" | "warn" | "bad"} tone
 * @property {"lost" | "alert" | "key" | "empty" | "stop"} icon
 * @property {string} title
 * @property {string} text
 * @property {string} [detail] for whoever is asked for help
 * @property {"retry" | "sign_in" | "ask" | "last"} [action]
 * @property {string} [label] of the action
 * @property {string} [after] what is said below the button
 */

/** @typedef {Pick<Notice, "state" | "title" | "text">} Problem */

/** @type {Record<string, [string, boolean]>} code: title, and whether asking again may help */
const ERRORS = {
  query_failed: ["The warehouse reported an error", true],
  timeout: ["It took too long", true],
  not_started: ["The question could not be started", true],
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
 * @typedef {object} Around what a notice depends on beside link and answer
 * @property {string | null} host where people sign in; null where this page cannot
 * @property {string} title of the page
 * @property {Query[] | null} queries
 * @property {Question | null} last what was asked last time
 * @property {Problem | null} problem with the sign-in
 */

/**
 * @param {LinkState} link
 * @param {Answer | null} answer
 * @param {Around} around
 * @returns {Notice | null}
 */
export function noticeOf(link, answer, around) {
  const query = around.queries?.find(({ query }) => query === answer?.question.query);
  return ofLink(link, answer, around) ?? (answer ? ofAnswer(answer, query) : ofNothing(link, around));
}

/**
 * @param {LinkState} link
 * @param {Answer | null} answer
 * @param {Around} around
 * @returns {Notice | null}
 */
function ofLink(link, answer, around) {
  if (link.name === "signed_out") return ofSignedOut(link.expired, answer, around);
  // The same while it is tried, so that it is said once.
  if (link.name === "given_up" || (link.name === "connecting" && link.rare)) {
    return { state: "given_up", tone: "bad", icon: "lost", title: "The gateway cannot be reached", text: "Several attempts failed. The page tries again about once a minute.", action: "retry", label: "Try now" };
  }
  if (link.name === "waiting" || (link.name === "connecting" && link.attempt > 0)) {
    const when = link.name === "waiting" ? `Trying again in ${Math.max(0, Math.ceil((link.at - Date.now()) / 1000))} s.` : "Trying now.";
    if (link.before) {
      return { state: "lost", tone: "warn", icon: "lost", title: "Connection lost", text: `${when} What you see stays, and the rest follows.`, action: "retry", label: "Try now" };
    }
    return { state: "unreachable", tone: "bad", icon: "lost", title: "The gateway cannot be reached", text: `${when} You may be offline, or the gateway may not know this page.`, action: "retry", label: "Try now" };
  }
  return null;
}

/**
 * @param {boolean} expired
 * @param {Answer | null} answer
 * @param {Around} around
 * @returns {Notice}
 */
function ofSignedOut(expired, answer, { host, title, problem, queries }) {
  const question = answer && `\u201c${titleOf(answer.question, queries?.find(({ query }) => query === answer.question.query))}\u201d`;
  /** @type {Notice} */
  const notice = problem
    ? { ...problem, tone: "bad", icon: "key" }
    : expired
      ? { state: "expired", tone: "warn", icon: "key", title: "Your sign-in has expired", text: "Sign in again to go on. Your question stays as it is." }
      : { state: "signed_out", tone: "info", icon: "key", title: question ? "Sign in to see the answer" : "Sign in to ask", text: `${title} shows data only to people it knows.` };
  if (host === null) return { ...notice, text: "The gateway requires a sign-in, and this page is set up without one. Tell whoever runs it." };
  const back = question ? `then come back here, and ${question} is asked at once.` : "then come back here.";
  return { ...notice, action: "sign_in", label: expired ? "Sign in again" : "Sign in", after: `You sign in at ${host || "your provider"}, ${back}` };
}

/**
 * @param {Answer} answer
 * @param {Query | undefined} query
 * @returns {Notice | null}
 */
function ofAnswer(answer, query) {
  const { phase, error, shown } = answer;
  if (phase === "cancelled") {
    return { state: "cancelled", tone: "info", icon: "stop", title: "Stopped", text: error?.message ?? "You stopped this question.", action: "ask", label: "Ask again" };
  }
  if (error) {
    const [title, again] = ERRORS[error.code] ?? ["Something went wrong", true];
    /** @type {Notice} */
    const notice = { state: "error", tone: "bad", icon: "alert", title, text: error.message, detail: error.run ? `${error.code} \u00b7 ${error.run}` : error.code };
    return again ? { ...notice, action: "ask", label: "Ask again" } : notice;
  }
  if (phase === "complete" && shown?.rows.length === 0) {
    const values = valuesOf(answer.question, query);
    return { state: "empty", tone: "info", icon: "empty", title: "No rows", text: `The question was answered: there is nothing${values ? ` for ${values}` : ""}.` };
  }
  return null;
}

/**
 * @param {LinkState} link
 * @param {Around} around
 * @returns {Notice | null}
 */
function ofNothing(link, { queries, last }) {
  if (link.name !== "open" || queries === null) return null;
  if (queries.length === 0) {
    return { state: "no_questions", tone: "info", icon: "empty", title: "No questions yet", text: "The catalog is empty, or holds nothing that you may ask." };
  }
  const query = queries.find(({ query }) => query === last?.query);
  /** @type {Notice} */
  const start = { state: "start", tone: "info", icon: "empty", title: "Choose a question", text: "Its answer appears here, and you can be told when it changes." };
  return last && query ? { ...start, action: "last", label: `Show ${titleOf(last, query)}` } : start;
}
