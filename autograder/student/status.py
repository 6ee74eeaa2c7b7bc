"""The exit statuses of check.py."""

from __future__ import annotations

PASSED, NOT_YET, USAGE, STOPPED = 0, 1, 2, 130
