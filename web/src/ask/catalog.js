// The questions that can be asked, as a list; the chosen one opens its form.

import { humanise } from "../columns/columns.js";
import { h } from "../parts/dom.js";
import { Form } from "./form.js";

/** @typedef {import("../types").Query} Query */

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
   * @param {(query: string, params: Record<string, string>) => void} onAsk
   */
  constructor(place, onAsk) {
    this.place = place;
    this.onAsk = onAsk;
  }

  /** @param {Query[]} queries */
  show(queries) {
    this.queries = queries;
    if (!this.#open && queries.length === 1) this.#open = queries[0].query;
    this.#draw();
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

  /** @param {string} name */
  describe(name) {
    return this.queries?.find(({ query }) => query === name)?.description ?? "";
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
        on: { click: () => this.#choose(query) },
      },
      h("b", { text: humanise(query.query) }),
      query.description ? h("span", { text: query.description }) : null,
    );
    if (open) {
      this.#form = new Form(query, this.#values, (values) => this.onAsk(query.query, values));
      this.#form.submit.id = `ask-${query.query}`;
      body.append(this.#form.element);
    }
    return h("li", { class: open ? "open" : "", "data-query": query.query }, button, body);
  }

  /** @param {Query} query */
  #choose(query) {
    const closing = this.#open === query.query;
    this.#open = closing ? "" : query.query;
    this.#values = {};
    this.#draw();
    // Nothing to fill in, nothing to wait for.
    if (!closing && !query.parameters.length) this.onAsk(query.query, {});
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
  }
}
