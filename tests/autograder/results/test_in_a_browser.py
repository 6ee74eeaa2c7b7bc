"""Pages in headless Chromium: they ask for nothing, axe-core has no complaint, no line is wider than a telephone."""

from __future__ import annotations

import importlib.util

import pytest

from autograder.results.html import instructor_html, student_html
from autograder.results.model import Diagnosis, Excerpt, Number
from autograder.results.page import page_of
from tools.browser import browser, chromium, opened

pytestmark = [
    pytest.mark.skipif(chromium() is None, reason="there is no Chromium (Debian: apt-get install chromium)"),
    pytest.mark.skipif(
        importlib.util.find_spec("axe_playwright_python") is None, reason="pip install axe-playwright-python"
    ),
]


def test_nothing_is_asked_for_and_axe_has_no_complaint(make, tmp_path):
    """On pages that hold all there is to tell, and words that have no place to be broken at."""
    numbers = (Number("[0]", "1", "2"), Number("[1]", "3", "3"))
    tests = [
        make.test("error", f"It raised (line 3: `{'x' * 300}`).", cause=1, line=3, numbers=numbers, trace="t" * 300),
        make.test("failed", "y" * 200, cause=2),
        make.test("failed", "secret", cause=3, visibility="hidden"),
        make.test(score=0.0, note="It counts later."),
    ]
    known = (Diagnosis("adds", "adds two", "Try 3.", cause=1), Diagnosis("squares", "squares", "Try 4.", cause=1))
    double = make.exercise(
        *tests,
        diagnosis=known[:1],
        evidence=("line 3",),
        excerpts=(Excerpt(3, "line 3", 2, 1, ("if a:", "    b " + "c" * 150)),),
    )
    shift = make.exercise(make.test("failed", "It differs.", cause=1), diagnosis=known)
    result = make.result("k" * 200, notes=("Ignored `old.py`.",), double=double, shift=shift)
    page = page_of(result, make.assignment)
    pages = {
        "student": (student_html(page), 390, "dark"),
        "instructor": (instructor_html(page, result, make.assignment), 1000, "light"),
    }
    with browser() as started:
        for name, (content, width, scheme) in pages.items():
            file = tmp_path / f"{name}.html"
            file.write_bytes(content)
            with opened(started, file, width, scheme) as seen:
                seen.page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
                assert seen.violations() == []
                assert (seen.requests, seen.complaints) == ([], [])
                assert seen.page.evaluate("document.documentElement.scrollWidth") == width
