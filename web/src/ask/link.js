// The question in the address, so that a link opens it again: #/daily_trips?month=2015-01, with /live to watch it.

/** @typedef {import("../types").Question} Question */

/**
 * @param {Question} question
 * @returns {string}
 */
export function toHash({ query, params, live }) {
  const given = new URLSearchParams(params).toString();
  return `#/${query}${live ? "/live" : ""}${given && `?${given}`}`;
}

/**
 * @param {string} hash
 * @returns {Question | null}
 */
export function fromHash(hash) {
  const match = /^#\/([a-z][a-z0-9_]{0,62})(\/live)?(?:\?(.*))?$/.exec(hash);
  if (!match) return null;
  return { query: match[1], live: Boolean(match[2]), params: Object.fromEntries(new URLSearchParams(match[3] ?? "")) };
}
