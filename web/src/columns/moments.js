// Dates, months and moments: where they stand on an axis, and how people write them.

/** @typedef {import("../types").Cell} Cell */

const DAY = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeZone: "UTC" });
const MINUTE = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });
const MONTH = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });
const DATE = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
const NEAR = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const FAR = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });

/**
 * Seconds since 1970 of an ISO date or timestamp; without a zone it is taken as UTC, so that no day moves.
 * @param {Cell} value
 */
export function seconds(value) {
  if (value === null) return NaN;
  let text = String(value);
  // The usual forms are read without a regular expression: there may be 50,000 of them.
  if (text.length === 10) return Date.parse(text) / 1000;
  if (text.length === 19 && text[10] === " ") return Date.parse(`${text.slice(0, 10)}T${text.slice(11)}Z`) / 1000;
  text = text.replace(" ", "T");
  if (!/(Z|[+-][0-9]{2}(:?[0-9]{2})?)$/.test(text.slice(10))) text += text.length > 10 ? "Z" : "T00:00Z";
  else text = text.replace(/([+-][0-9]{2})$/, "$1:00");
  return Date.parse(text) / 1000;
}

/**
 * A place on the time axis in full.
 * @param {number} at seconds since 1970
 * @param {boolean} day
 */
export function nameOfMoment(at, day) {
  return (day ? DAY : MINUTE).format(new Date(at * 1000));
}

/**
 * 2015-01 as "January 2015", 2015-01-31 as "31 January 2015"; anything else as it is.
 * @param {string} value
 */
export function inWords(value) {
  if (/^[0-9]{4}-(0[1-9]|1[0-2])$/.test(value)) return MONTH.format(new Date(`${value}-01T00:00Z`));
  const day = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(value) ? new Date(`${value}T00:00Z`) : null;
  return day && Number.isFinite(day.getTime()) ? DATE.format(day) : value;
}

/**
 * A moment in the reader's own time; the year only where it is another one.
 * @param {string} iso
 */
export function moment(iso) {
  const date = new Date(iso);
  return (date.getFullYear() === new Date().getFullYear() ? NEAR : FAR).format(date);
}

/**
 * How long ago, in words.
 * @param {string} iso
 */
export function age(iso) {
  const minutes = Math.floor((Date.now() - Date.parse(iso)) / 60_000);
  if (minutes < 1) return "less than a minute old";
  if (minutes < 60) return `${minutes} min old`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h old` : `${Math.floor(hours / 24)} days old`;
}
