// Where an answer came from, in one line: how long it took, how old it is, which data it saw.

import { age, moment } from "../columns/moments.js";

/** @typedef {import("./answer.js").Answer} Answer */

/**
 * @param {Answer} answer
 * @returns {string} empty before it is complete
 */
export function originOf(answer) {
  const done = answer.shown?.complete;
  if (!done) return "";
  const parts = [];
  if (done.cached) parts.push(done.finished_at ? `Saved answer, ${age(done.finished_at)}` : "Saved answer");
  else parts.push(`New answer after ${done.elapsed_seconds.toFixed(done.elapsed_seconds < 10 ? 1 : 0)} s`);
  if (done.changed_at) parts.push(`data of ${moment(done.changed_at)}`);
  if (answer.watching) parts.push("watching for changes");
  return parts.join(" \u00b7 ");
}
