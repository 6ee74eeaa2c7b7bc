"""The page in headless Chromium: it asks for nothing, axe-core has no complaint, and works without scripts."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.report.view import class_page
from tools.browser import browser, chromium, opened
from tools.simulate import simulated

pytestmark = [
    pytest.mark.skipif(chromium() is None, reason="there is no Chromium (Debian: apt-get install chromium)"),
    pytest.mark.skipif(
        importlib.util.find_spec("axe_playwright_python") is None, reason="pip install axe-playwright-python"
    ),
]


@pytest.fixture(scope="module")
def started() -> Iterator[Any]:
    with browser() as started:
        yield started


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found, results = simulated(40, checks={"residual_block": 8, "lstm_cell": 6})
    file = tmp_path_factory.mktemp("report") / "report.html"
    file.write_bytes(class_page(found, results, {name: f"feedback/{name}.html" for name in results}))
    return file


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_nothing_is_asked_for_and_axe_has_no_complaint(started, file: Path, width: int, scheme: str) -> None:
    with opened(started, file, width, scheme) as seen:
        seen.page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        assert seen.violations() == []
        assert seen.requests == []
        assert seen.complaints == []
        assert seen.page.evaluate("document.documentElement.scrollWidth") == width


def test_by_keyboard_rows_are_found_sorted_and_walked_through(started, file: Path) -> None:
    with opened(started, file) as seen:
        page = seen.page
        page.keyboard.press("/")
        page.keyboard.type("lovelace")
        assert page.locator("#shown").inner_text().endswith(f" / {page.locator('.map tbody tr').count()}")
        shown = page.locator(".map tbody tr:not([hidden])")
        assert "Lovelace" in shown.nth(0).inner_text()
        page.locator("#filter").fill("")
        total = page.locator(".map th[data-sort='0'] button")
        total.press("Enter")
        total.press("Enter")
        points = [float(text) for text in page.locator(".map tbody tr td:nth-child(2)").all_inner_texts()]
        assert points == sorted(points, reverse=True)
        page.locator(".map a").first.focus()
        page.keyboard.press("j")
        assert page.evaluate("document.activeElement.closest('tr').rowIndex") == 3
        assert seen.complaints == []


@pytest.mark.parametrize("scripts", [True, False])
def test_the_switch_hides_every_name_with_and_without_scripts(started, file: Path, scripts: bool) -> None:
    with opened(started, file, scripts=scripts) as seen:
        assert "김민준" in seen.page.locator("body").inner_text()
        seen.page.get_by_label("Pseudonyms instead of names").check()
        text = seen.page.locator("body").inner_text()
        assert "김민준" not in text
        assert "Student 7" in text


def test_of_500_students_and_137_checks_it_weighs_less_than_3_mb() -> None:
    found, results = simulated(500)
    page = class_page(found, results, {name: f"feedback/{name}.html" for name in results})
    assert len(page) < 3_000_000
