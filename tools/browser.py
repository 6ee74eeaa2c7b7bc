"""Pages in headless Chromium: what a browser asks for, what axe-core objects to, how it looks.

Chromium is Debian's package `chromium`, or what CHROMIUM names. Nothing is fetched.
"""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


def chromium() -> str | None:
    """The program, where there is one."""
    named = os.environ.get("CHROMIUM") or "chromium"
    return shutil.which(named) or shutil.which("google-chrome")


@dataclass
class Opened:
    """A page that is open, and what it did on the way."""

    page: Any
    """Playwright's."""
    requests: list[str] = field(default_factory=list)
    """Addresses of all but the page itself."""
    complaints: list[str] = field(default_factory=list)
    """Errors of scripts, and what the page's own policy blocked."""

    def violations(self) -> list[str]:
        """What axe-core objects to, a line each; hidden parts count once they are shown."""
        from axe_playwright_python.base import AXE_FILE_PATH

        # Evaluated from outside: the page's policy holds for what it would load itself.
        self.page.evaluate(Path(AXE_FILE_PATH).read_text(encoding="utf-8"))
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        return [f"{each['id']}: {each['help']}: {each['nodes'][0]['html'][:200]}" for each in found]


@contextmanager
def browser() -> Iterator[Any]:
    """Chromium, as Playwright drives it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=["--disable-gpu"])
        try:
            yield started
        finally:
            started.close()


@contextmanager
def opened(
    started: Any, file: Path, width: int = 1280, scheme: str = "light", scripts: bool = True
) -> Iterator[Opened]:
    """The file, in a window of its own. `scheme` is light or dark."""
    context = started.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=scripts
    )
    page = context.new_page()
    address = file.absolute().as_uri()
    seen = Opened(page)
    page.on("request", lambda request: seen.requests.append(request.url))
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on("console", lambda message: seen.complaints.append(message.text))
    page.goto(address)
    seen.requests.remove(address)
    try:
        yield seen
    finally:
        context.close()


def save_small(picture: bytes, file: Path) -> None:
    """Write a screenshot in few colours, as pages have."""
    from PIL import Image

    Image.open(io.BytesIO(picture)).quantize(48).save(file, optimize=True)
