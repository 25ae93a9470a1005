// The questions that can be asked, as a list; the chosen one opens its form.

import { h } from "../parts/dom.js";
import { Form } from "./form.js";
import { lastValues } from "./memory.js";
import { nameOf } from "./question.js";

/** @typedef {import("../types").Query} Query */
/** @typedef {import("../types").Parameter} Parameter */

/** From this many on, a field to search in them. */
const MANY = 8;

export class Catalog {
  /** @type {Query[] | null} */
  queries = null;
  /** @type {Form | null} */
  #form = null;
  #open = "";
  #drawn = "";
  #sought = "";
  /** @type {Record<string, string>} */
  #values = {};

  /**
   * @param {HTMLUListElement} place
   * @param {object} on
   * @param {(query: string, params: Record<string, string>, stepped: boolean) => void} on.ask
   * @param {(parameter: Parameter) => Promise<string[]>} on.values
   */
  constructor(place, on) {
    this.place = place;
    this.on = on;
    place.addEventListener("keydown", (event) => this.#key(event));
  }

  /** @param {Query[]} queries */
  show(queries) {
    this.queries = queries;
    if (!this.#open && queries.length === 1) this.#choose(queries[0].query);
    this.#draw();
  }

  /** @param {string} name */
  find(name) {
    return this.queries?.find(({ query }) => query === name);
  }

  /**
   * Opens a question with its values.
   * @param {string} query
   * @param {Record<string, string>} values
   */
  select(query, values) {
    if (this.#open === query && JSON.stringify(values) === JSON.stringify(this.#values)) return;
    this.#open = query;
    this.#values = values;
    this.#draw();
  }

  /** @param {string} message what the gateway says about a parameter */
  refuse(message) {
    this.#form?.refuse(message);
  }

  /** Brings the cursor to the form, or to the question that has none. */
  focus() {
    if (this.#form) this.#form.focus();
    else document.getElementById(`query-${this.#open}`)?.focus();
  }

  #draw() {
    const queries = this.queries;
    if (!queries) return;
    const drawn = JSON.stringify([queries, this.#open, this.#values]);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const hadFocus = this.place.contains(document.activeElement) ? document.activeElement?.id : undefined;
    this.#form = null;
    this.place.replaceChildren(...(queries.length >= MANY ? [this.#search()] : []), ...queries.map((query) => this.#item(query)));
    this.#filter();
    if (hadFocus) document.getElementById(hadFocus)?.focus();
  }

  /** @param {Query} query */
  #item(query) {
    const open = query.query === this.#open;
    const body = h("div", { class: "body", id: `body-${query.query}`, hidden: !open });
    const button = h(
      "button",
      {
        type: "button",
        class: "query",
        id: `query-${query.query}`,
        "aria-expanded": open ? "true" : "false",
        "aria-controls": body.id,
        on: { click: () => this.#click(query) },
      },
      h("b", { text: nameOf(query.query, query) }),
      query.description ? h("span", { text: query.description }) : null,
    );
    if (open && query.parameters.length) {
      this.#form = new Form(query, this.#values, {
        ask: (values, stepped) => {
          // The form shows these values already.
          this.#values = values;
          this.#drawn = JSON.stringify([this.queries, this.#open, values]);
          this.on.ask(query.query, values, stepped);
        },
        values: this.on.values,
      });
      body.append(this.#form.element);
    }
    return h("li", { class: open ? "open" : "", "data-query": query.query }, button, body);
  }

  /** @param {string} name */
  #choose(name) {
    this.#open = name;
    this.#values = lastValues(name);
  }

  /** @param {Query} query */
  #click(query) {
    // Nothing to fill in, nothing to wait for.
    if (!query.parameters.length) {
      this.#choose(query.query);
      this.#draw();
      this.on.ask(query.query, {}, false);
      return;
    }
    if (this.#open === query.query) this.#open = "";
    else this.#choose(query.query);
    this.#draw();
  }

  /**
   * The list is one stop of the Tab key; its arrow keys go from question to question.
   * @param {KeyboardEvent} event
   */
  #key(event) {
    const now = event.target instanceof HTMLElement && event.target.classList.contains("query") ? event.target : null;
    if (!now) return;
    const all = this.#buttons();
    const at = all.indexOf(now);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const to = all[Math.max(0, Math.min(next, all.length - 1))];
    this.#stop(to);
    to.focus();
  }

  /** @returns {HTMLElement[]} */
  #buttons() {
    return [...this.place.querySelectorAll("li:not([hidden]) > .query")].filter((one) => one instanceof HTMLElement);
  }

  /** @param {HTMLElement | undefined} button the one that the Tab key reaches */
  #stop(button) {
    for (const one of this.place.querySelectorAll(".query")) one.setAttribute("tabindex", one === button ? "0" : "-1");
  }

  #search() {
    const input = h("input", {
      type: "search",
      id: "search",
      placeholder: "Search",
      "aria-label": "Search the questions",
      value: this.#sought,
      on: {
        input: () => {
          this.#sought = input.value;
          this.#filter();
        },
      },
    });
    return h("li", { class: "search" }, input);
  }

  #filter() {
    const words = this.#sought.toLowerCase().split(/\s+/);
    for (const item of this.place.children) {
      if (!(item instanceof HTMLElement) || !item.dataset.query) continue;
      const text = item.querySelector(".query")?.textContent?.toLowerCase() ?? "";
      item.hidden = !words.every((word) => text.includes(word) || item.dataset.query?.includes(word));
    }
    const all = this.#buttons();
    this.#stop(all.find((button) => button.id === `query-${this.#open}`) ?? all[0]);
  }
}
