# Every target brings .venv up to date first, so none needs another by hand. Works with GNU make 3.81 and later.

PYTHON      ?= python3
ASSIGNMENT  ?= core
SUBMISSIONS ?= examples/submissions/$(ASSIGNMENT)
OUT         ?= results/$(ASSIGNMENT)
SEED        ?=
JOBS        ?=
# An optional extra package index, such as PyTorch's own for CPU builds, which are far smaller on Linux.
TORCH_INDEX ?=

BIN   := .venv/bin
# The stamp is written after a complete install. It holds the folder's path, because a .venv does not survive a move.
STAMP := .venv/.installed
# An argument in quotes that hold whatever is in it, also an apostrophe.
quoted = '$(subst ','\'',$(1))'
GRADE_OPTIONS = $(if $(SEED),--seed $(SEED)) $(if $(JOBS),--jobs $(JOBS))

ifneq ($(shell test -x $(BIN)/python && cat $(STAMP) 2>/dev/null),$(CURDIR))
$(STAMP): moved
endif

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup grade test fuzz build verify bench gradescope rehearse clean moved

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "Variables: ASSIGNMENT=$(ASSIGNMENT) SUBMISSIONS=path OUT=folder SEED=number JOBS=number PYTHON=$(PYTHON) TORCH_INDEX=address"

setup: $(STAMP) ## make .venv and install everything into it, or bring it up to date
	@echo ".venv is up to date"

grade: $(STAMP) ## grade SUBMISSIONS (the example class) with the suites of ASSIGNMENT, results in OUT
	@test -n $(call quoted,$(SUBMISSIONS)) || { echo "make: SUBMISSIONS is empty: name a folder, or leave it out" >&2; exit 2; }
	@test -n $(call quoted,$(OUT)) || { echo "make: OUT is empty: name a folder for the results, or leave it out" >&2; exit 2; }
	@$(BIN)/autograder grade $(call quoted,$(ASSIGNMENT)) $(call quoted,$(SUBMISSIONS)) --out $(call quoted,$(OUT)) $(GRADE_OPTIONS)

test: $(STAMP) ## run the linters, the project's tests, and the suites against the solutions
	@echo "== ruff: lint"
	@$(BIN)/ruff check .
	@echo "== ruff: format"
	@$(BIN)/ruff format --check .
	@echo "== mypy: types of the engine"
	@$(BIN)/mypy
	@echo "== autograder check: stubs in date, points add up"
	@$(BIN)/autograder check
	@echo "== pytest: the hidden suites against the reference solutions"
	@$(BIN)/pytest -q tests/core --submission solutions/core
	@echo "== pytest: the engine's own tests"
	@$(BIN)/pytest -q -n auto --dist loadfile --no-loadscope-reorder tests/autograder
	@echo "All is well: linters, types, suites and tests pass."

fuzz: $(STAMP) ## feed a million damaged answers and 50,000 damaged submissions to what reads them (a quarter of an hour)
	@$(BIN)/python tests/autograder/fuzz/frames.py --count 1000000
	@$(BIN)/python tests/autograder/fuzz/archives.py --count 50000

build: $(STAMP) ## make the student's and the autograder's zip of every assignment in dist
	@$(BIN)/autograder build

verify: $(STAMP) ## prove the suites of ASSIGNMENT: solutions, alternatives, mistakes, generated mutants
	@mkdir -p dist
	@$(BIN)/autograder verify '$(ASSIGNMENT)' --json 'dist/$(ASSIGNMENT)-verify.json' --html 'dist/$(ASSIGNMENT)-verify.html'

bench: $(STAMP) ## measure speed and memory side by side with otter, figures in bench.json
	@$(BIN)/autograder bench

gradescope: $(STAMP) ## put one SUBMISSION through a simulated Gradescope container (needs root and Linux)
	@test -n $(call quoted,$(SUBMISSION)) || { echo "make: name a submission: make gradescope SUBMISSION=path" >&2; exit 2; }
	@$(BIN)/autograder gradescope $(call quoted,$(ASSIGNMENT)) $(call quoted,$(SUBMISSION)) $(if $(SEED),--seed $(SEED))

rehearse: $(STAMP) ## every example and every hostile submission through the simulated Gradescope, and by otter (root; a quarter of an hour)
	@AUTOGRADER_REHEARSAL=1 $(BIN)/pytest -q tests/autograder/packaging/simulated

clean: ## remove dist, bench.json and caches, but neither .venv nor results
	@rm -rf dist build bench.json .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	@find . -path ./.venv -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

# An interrupted install leaves no stamp, so the next call goes on from there.
# A half-made .venv without pyvenv.cfg has a bin/python that is the system's own: nothing may be installed through it,
# so the recipe makes .venv anew unless that interpreter is in a virtual environment, and pip refuses to run outside one.
$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { \
	  echo "make: $(PYTHON) is missing or older than Python 3.10 ($$($(PYTHON) --version 2>&1))." >&2; \
	  echo "Name a newer one: make setup PYTHON=python3.12" >&2; exit 1; }
	@echo "setting up .venv: the torch download is about 200 MB, this takes a few minutes the first time"
	@case "$$(uname -s)/$(TORCH_INDEX)" in Linux/) \
	  echo "(on Linux the default torch may be the far larger CUDA build: TORCH_INDEX names an index with CPU builds)";; esac
	@if test -f $(STAMP) && test "$$(cat $(STAMP))" != '$(CURDIR)' || \
	  ! $(BIN)/python -c 'import pip, sys; sys.exit(sys.prefix == sys.base_prefix)' 2>/dev/null; then \
	  $(PYTHON) -m venv --clear .venv || { \
	    echo "make: $(PYTHON) -m venv failed. On Debian and Ubuntu, install the package python3-venv." >&2; exit 1; }; fi
	@rm -f $(STAMP)
	@$(BIN)/python -m pip --require-virtualenv install --disable-pip-version-check -c constraints.txt \
	  $(if $(TORCH_INDEX),--extra-index-url '$(TORCH_INDEX)') -e '.[dev]'
	@printf '%s\n' '$(CURDIR)' > $(STAMP)
