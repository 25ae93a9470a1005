// A value that is longer than its cell, whole.

import { h } from "../parts/dom.js";

/**
 * @param {string} label
 * @param {string} text
 */
export function showWhole(label, text) {
  const before = document.activeElement;
  const close = h("button", { type: "button", class: "quiet", text: "Close", on: { click: () => dialog.close() } });
  const copy = h("button", { type: "button", class: "quiet", text: "Copy", on: { click: () => void navigator.clipboard?.writeText(text).then(() => (copy.textContent = "Copied")) } });
  const dialog = h(
    "dialog",
    { class: "whole", "aria-label": label },
    h("header", {}, h("h2", { text: label }), copy, close),
    h("pre", { tabindex: "0", text }),
  );
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (before instanceof HTMLElement) before.focus();
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
}
