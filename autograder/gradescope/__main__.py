"""What run_autograder starts: `python -m autograder.gradescope /autograder`."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from autograder.gradescope.run import run

if __name__ == "__main__":
    started = time.monotonic()
    run(Path(sys.argv[1]), started, os.environ)
    print(f"autograder: done after {time.monotonic() - started:.1f} s", file=sys.stderr)
