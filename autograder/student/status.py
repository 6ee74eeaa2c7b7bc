"""The exit statuses of check.py; --watch reads those of the processes that it starts."""

from __future__ import annotations

PASSED, NOT_YET, USAGE, STOPPED = 0, 1, 2, 130
PASSED_WATCHED = 90
"""The same as PASSED, for --watch: no status with which code that ends its process would do so."""
