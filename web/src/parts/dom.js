// Elements without a framework, and without inline styles or handlers (the content security policy forbids both).

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, unknown>} [props] attributes; `on` holds listeners, `text` the text
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(/** @type {Record<string, EventListener>} */ (value))) {
        element.addEventListener(event, listener);
      }
    } else if (name === "text") {
      element.textContent = String(value);
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(.../** @type {(Node | string)[]} */ (children.filter((child) => child || child === "")));
  return element;
}

const SHAPES = {
  link: "M6.5 9.5l3-3M5 11l-.7.7a2.5 2.5 0 0 1-3.5-3.5L3.5 5.5a2.5 2.5 0 0 1 3.5 0M11 5l.7-.7a2.5 2.5 0 0 1 3.5 3.5L12.5 10.5a2.5 2.5 0 0 1-3.5 0",
  download: "M8 2v8M4.5 7L8 10.5 11.5 7M2.5 13.5h11",
  check: "M3 8.5l3.2 3L13 4.5",
  left: "M10 3.5L5.5 8l4.5 4.5",
  right: "M6 3.5L10.5 8 6 12.5",
  close: "M4 4l8 8M12 4l-8 8",
  lost: "M1.5 6a9.5 9.5 0 0 1 13 0M4 8.8a6 6 0 0 1 8 0M8 12.5h.01M2.5 2.5l11 11",
  alert: "M8 2L14.5 13.5h-13zM8 6.5v3M8 11.8v.01",
  key: "M10.5 5.5a3 3 0 1 1-3-3 3 3 0 0 1 3 3zM9.5 7.8l4 4M11.5 9.8l-1.3 1.3",
  empty: "M2.5 4.5h11v8h-11zM2.5 7.5h11M6.5 4.5v8",
  stop: "M4.5 4.5h7v7h-7z",
  leave: "M6.5 2.5h-4v11h4M10.5 5l3 3-3 3M13 8H6",
  again: "M13 8a5 5 0 1 1-1.6-3.7M13 2.5V5h-2.5",
  board: "M2.5 3h5v4.5h-5zM9.5 3h4v7h-4zM2.5 9.5h5V13h-5zM9.5 12h4v1h-4z",
};

/**
 * @param {keyof typeof SHAPES} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {{ new (): T }} kind
 * @returns {T}
 */
export function find(id, kind) {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`the page has no ${id}`);
  return element;
}

/**
 * Writes only what has changed, so that screen readers hear it once.
 * @param {Element} element
 * @param {string} text
 */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Gives the focus back after something was drawn again.
 * @param {Element} inside
 * @param {string} selector
 */
export function focusOn(inside, selector) {
  const element = inside.querySelector(selector);
  if (element instanceof HTMLElement) element.focus();
}
