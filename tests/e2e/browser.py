"""A real Chromium for tests and pictures: where it is, how it starts, what it may not say."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 30_000
VIDEO = "document.querySelector('#viewer video')"
SHOWN = f"{VIDEO} && {VIDEO}.readyState >= 2 && !{VIDEO}.seeking"
"""The player shows the frame that it was told to show."""


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser with a profile of its own that goes away with it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS), headless=True)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def page_of(browser: Any, url: str, **context: Any) -> Iterator[Any]:
    """A page; what it tells its console is kept in `page.told`."""
    wished = {"viewport": {"width": 1300, "height": 860}, "locale": "en-GB", **context}
    with browser.new_context(base_url=url, accept_downloads=True, **wished) as made:
        made.set_default_timeout(PATIENCE_MS)
        page = made.new_page()
        page.told = []
        page.on("console", lambda message: page.told.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: page.told.append(f"error: {error}"))
        page.asked = []
        page.on("request", lambda request: page.asked.append(request.url))
        yield page


def until(page: Any, script: str, what: Path | str = "") -> Any:
    """The value of a script once it is true; `wait_for_function` needs eval, which is forbidden."""
    end_s = time.monotonic() + PATIENCE_MS / 1000
    while time.monotonic() < end_s:
        value = page.evaluate(script)
        if value:
            return value
        page.wait_for_timeout(20)
    raise AssertionError(f"{what or script} did not come; the page said {page.told}")
