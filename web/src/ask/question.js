// A question in the address and in words. A link opens it again: #/daily_trips?month=2015-01, with /live to watch it.

import { humanise } from "../columns/fields.js";
import { inWords } from "../columns/moments.js";

/** @typedef {import("../types").Question} Question */
/** @typedef {import("../types").Query} Query */

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

/**
 * What a question is called.
 * @param {string} name
 * @param {Query | undefined} query
 */
export function nameOf(name, query) {
  return query?.label || humanise(name);
}

/**
 * Its values in words, in the order of the form; empty without any.
 * @param {Question} question
 * @param {Query | undefined} query
 */
export function valuesOf({ params }, query) {
  const order = query?.parameters ?? [];
  const names = Object.keys(params).sort((a, b) => place(order, a) - place(order, b));
  return names
    .map((name) => {
      const parameter = order.find((one) => one.name === name);
      const value = inWords(params[name]);
      return value === params[name] ? `${(parameter?.label ?? humanise(name)).toLowerCase()} ${value}` : value;
    })
    .join(", ");
}

/**
 * Name and values in one line.
 * @param {Question} question
 * @param {Query | undefined} query
 */
export function titleOf(question, query) {
  return [nameOf(question.query, query), valuesOf(question, query)].filter(Boolean).join(", ");
}

/**
 * @param {import("../types").Parameter[]} order
 * @param {string} name
 */
function place(order, name) {
  const at = order.findIndex((one) => one.name === name);
  return at < 0 ? order.length : at;
}
