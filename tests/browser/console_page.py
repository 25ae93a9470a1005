"""The page as a person uses it: names for what is on it."""

from collections.abc import Sequence
from typing import Any, Protocol

from playwright.sync_api import ConsoleMessage, Locator, Page, expect


class Served(Protocol):
    """Where the page is served."""

    @property
    def url(self) -> str: ...


class ConsolePage:
    """A tab with the page."""

    def __init__(self, page: Page, place: Served) -> None:
        self.page = page
        self.place = place
        self.violations: list[str] = []
        self.errors: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.set_default_timeout(10_000)

    def _console(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "TrustedHTML" in message.text:
            self.violations.append(message.text)

    def open(self, hash_: str = "") -> None:
        """Opens the page, with a question in its address or without."""
        self.page.goto(f"{self.place.url}/{hash_}")

    def sign_in(self, user: str, password: str) -> None:
        """From the page to the pages of Cognito, and back."""
        self.page.click("#notice[data-state=signed_out] button")
        self.page.fill("#username", user)
        self.page.fill("#password", password)
        self.page.click("button[type=submit]")
        expect(self.page.locator("#link")).to_have_text("Connected", timeout=60_000)

    def choose(self, query: str) -> None:
        """Opens a question in the list."""
        self.page.click(f"#query-{query}")

    def ask(self, query: str, **values: str) -> None:
        """Chooses a question, unless it is open, fills in its form and submits it."""
        if self.page.locator(f"#query-{query}").get_attribute("aria-expanded") == "false":
            self.choose(query)
        for name, value in values.items():
            field = self.page.locator(f"#field-{name}")
            if field.evaluate("it => it.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        self.submit()

    def submit(self) -> None:
        """Asks what the form says. The page draws in the next frame: until then it shows the answer before."""
        self.page.click("button[type=submit]")
        self._frame()

    def wait_complete(self, rows: int | None = None, *, seconds: float = 20) -> None:
        """Waits for the end of the answer."""
        expect(self.step("done")).to_have_class("done", timeout=seconds * 1000)
        if rows == 1:
            expect(self.page.locator("#record > div").first).to_be_visible()
        elif rows is not None:
            expect(self.page.locator("#size")).to_contain_text(f"{rows:,} row")

    def pass_time(self, seconds: int) -> None:
        """Lets the installed clock run, but not while the page connects: Chromium and the provider take real time."""
        for _ in range(seconds // 5):
            self.page.clock.run_for(5_000)
            expect(self.page.locator("#link")).not_to_have_text("Connecting\u2026", timeout=15_000)

    def step(self, name: str) -> Locator:
        """A step of the timeline."""
        return self.page.locator(f"[data-step={name}]")

    def notice(self, state: str) -> Locator:
        """What is said in a state; waits until it is."""
        notice = self.page.locator(f"#notice[data-state={state}]")
        expect(notice).to_be_visible(timeout=15_000)
        return notice

    @property
    def news(self) -> Locator:
        """What a new version changed."""
        return self.page.locator("#news")

    @property
    def origin(self) -> Locator:
        """Where the answer came from, in one line."""
        return self.page.locator("#origin")

    def cells(self) -> list[list[str]]:
        """The text of the rows that are in the document."""
        found: list[list[str]] = self.page.eval_on_selector_all(
            "#table tbody tr:not(.spacer)", "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
        )
        return found

    def all_rows(self) -> list[list[str]]:
        """Every row, by scrolling through the table, in the order shown."""
        seen: dict[int, list[str]] = {}
        height: int = self.page.eval_on_selector(".scroller", "it => it.scrollHeight")
        for top in range(0, height + 1, 300):
            self.page.eval_on_selector(".scroller", "(it, top) => { it.scrollTop = top }", top)
            self._frame()
            rows: Sequence[tuple[int, list[str]]] = self.page.eval_on_selector_all(
                "#table tbody tr:not(.spacer)",
                "rows => rows.map(row => [Number(row.ariaRowIndex ?? row.getAttribute('aria-rowindex')),"
                " [...row.cells].map(cell => cell.textContent)])",
            )
            seen.update(dict(rows))
        return [seen[number] for number in sorted(seen)]

    def bars(self) -> int:
        """How many bars the chart shows: runs of the bars' colour just above its foot."""
        self.page.wait_for_selector("#chart[data-points] canvas")
        self._frame()
        found: int = self.page.evaluate(
            """() => {
              const canvas = document.querySelector("#chart canvas");
              const over = document.querySelector("#chart .u-over").getBoundingClientRect();
              const box = canvas.getBoundingClientRect();
              const scale = canvas.width / box.width;
              const context = canvas.getContext("2d");
              const y = Math.round((over.bottom - box.top) * scale) - 4;
              const x = Math.round((over.left - box.left) * scale);
              const probe = document.createElement("canvas").getContext("2d");
              probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--bar");
              probe.fillRect(0, 0, 1, 1);
              const bar = probe.getImageData(0, 0, 1, 1).data;
              const line = context.getImageData(x, y, Math.round(over.width * scale), 1).data;
              let runs = 0, inside = false;
              for (let at = 0; at < line.length; at += 4) {
                const near = [0, 1, 2].every(i => Math.abs(line[at + i] - bar[i]) < 12) && line[at + 3] > 200;
                if (near && !inside) runs++;
                inside = near;
              }
              return runs;
            }"""
        )
        return found

    def watch_layout(self) -> None:
        """Starts to count shifts of the layout."""
        self.page.evaluate(
            """() => {
              window.shifts = [];
              new PerformanceObserver(list => {
                for (const entry of list.getEntries())
                  if (!entry.hadRecentInput)
                    window.shifts.push([entry.value, entry.sources.map(s => s.node?.className ?? s.node?.nodeName)]);
              }).observe({ type: "layout-shift" });
            }"""
        )

    def shifts(self) -> list[Any]:
        """Shifts of the layout that nobody caused by a click or a key."""
        self._frame()
        found: list[Any] = self.page.evaluate("window.shifts")
        return found

    def _frame(self) -> None:
        self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
