"""Makes docs/feedback.png: a student's page of results that were graded before.

python -m tools.page_picture results/core/feedback/haddad_omar.html
"""

from __future__ import annotations

import sys
from pathlib import Path

from tools.browser import browser, opened, save_small

PICTURE = Path(__file__).parent.parent / "docs" / "feedback.png"


def main() -> None:
    """Its first screen, as it is in a window 800 pixels wide."""
    with browser() as started, opened(started, Path(sys.argv[1]), width=800) as seen:
        height = min(900, seen.page.evaluate("document.body.lastElementChild.getBoundingClientRect().bottom") + 16)
        picture = seen.page.screenshot(clip={"x": 0, "y": 0, "width": 800, "height": height})
    save_small(picture, PICTURE)


if __name__ == "__main__":
    main()
