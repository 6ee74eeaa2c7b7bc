"""The fuzzers are scripts, run by `make fuzz`; the tests beside them run the same code for a few seconds."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
