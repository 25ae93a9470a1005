// Values that come from elsewhere: listed by another query, or one step before those that were asked.

import { neighbour } from "./stepper.js";

/** @typedef {import("../types").Question} Question */
/** @typedef {import("../types").Query} Query */
/** @typedef {import("../page/page.js").Page} Page */

/** Letters of a month and a date: a query may list days or moments for them. */
const LENGTHS = { month: 7, date: 10 };

/**
 * What a query lists in a column, newest first where that is a date; nothing if it cannot be asked.
 * @param {Page} page
 * @param {{ query: string, column: string }} values
 * @param {import("../types").Parameter["type"]} type of the parameter that takes them
 * @returns {Promise<string[]>}
 */
export function listed(page, { query, column }, type) {
  return new Promise((done) => {
    const look = () => {
      const { phase, shown } = request.answer;
      if (phase === "asked" || phase === "accepted" || phase === "rows") return;
      page.end(request);
      const at = shown?.columns.findIndex(({ name }) => name === column) ?? -1;
      const found = (shown?.rows ?? []).map((row) => row[at]).filter((value) => value !== null && value !== undefined).map(String);
      const length = type === "month" || type === "date" ? LENGTHS[type] : 0;
      done([...new Set(length ? found.map((value) => value.slice(0, length)).sort().reverse() : found)]);
    };
    const request = page.begin({ query, params: {}, live: false }, { change: look });
  });
}

/**
 * The same question of the month before, if it is about one month.
 * @param {Question} question
 * @param {Query | undefined} query
 * @returns {Question | null}
 */
export function monthBefore(question, query) {
  const months = query?.parameters.filter(({ type }) => type === "month") ?? [];
  const value = months.length === 1 ? question.params[months[0].name] : undefined;
  if (!value) return null;
  const before = neighbour(value, -1, months[0]);
  if (before >= value) return null; // the limits allow none
  return { ...question, live: false, params: { ...question.params, [months[0].name]: before } };
}
