// What somebody asked last, and with which values: offered again when they come back, forgotten when they sign out.

/** @typedef {import("../types").Question} Question */
/** @typedef {{ last: Question | null, values: Record<string, Record<string, string>>, board: string[] }} Kept */

const KEY = "relay.asked";

/** @returns {Kept} */
function kept() {
  /** @type {Kept} */
  const nothing = { last: null, values: {}, board: [] };
  try {
    return { ...nothing, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
  } catch {
    return nothing;
  }
}

/** @param {Kept} what */
function keep(what) {
  try {
    localStorage.setItem(KEY, JSON.stringify(what));
  } catch {
    // A browser that keeps nothing asks again.
  }
}

/** @returns {Question | null} */
export function lastQuestion() {
  return kept().last;
}

/** @param {string} query */
export function lastValues(query) {
  return kept().values[query] ?? {};
}

/** @param {Question} question */
export function remember(question) {
  const before = kept();
  keep({ ...before, last: { ...question, live: false }, values: { ...before.values, [question.query]: question.params } });
}

/** Questions of the board that is being put together, as hashes. */
export function boardQuestions() {
  return kept().board;
}

/** @param {string[]} board */
export function rememberBoard(board) {
  keep({ ...kept(), board });
}

export function forget() {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // Nothing was kept.
  }
}
