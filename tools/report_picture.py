"""Makes docs/report.png: the page of results that were graded before.

python -m tools.report_picture results/core
"""

from __future__ import annotations

import sys
from pathlib import Path

from autograder.report.write import write_report
from tools.browser import browser, opened, save_small

PICTURE = Path(__file__).parent.parent / "docs" / "report.png"


def main() -> None:
    """Its first screens, as they are in a window 1280 pixels wide."""
    with browser() as started, opened(started, write_report(Path(sys.argv[1]))) as seen:
        height = seen.page.evaluate("document.querySelector('#mistakes').getBoundingClientRect().top") - 24
        clip = {"x": 0, "y": 0, "width": 1280, "height": height}
        picture = seen.page.screenshot(full_page=True, clip=clip)
    save_small(picture, PICTURE)


if __name__ == "__main__":
    main()
