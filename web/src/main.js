// The page begins here: its settings, then everything else.

import { find } from "./parts/dom.js";
import { Page } from "./page/page.js";

async function begin() {
  const response = await fetch("config.json", { cache: "no-cache" });
  /** @type {import("./types").Config} */
  const config = await response.json();
  await new Page(config).start();
}

begin().catch(() => {
  const notice = find("notice", HTMLElement);
  notice.textContent = "This page could not read its config.json.";
  notice.className = "notice hero";
});
