# Every target brings .venv up to date first, so none needs another by hand. Works with GNU make 3.81 and later.

PYTHON      ?= python3
ASSIGNMENT  ?= core
SUBMISSIONS ?= examples/submissions/$(ASSIGNMENT)
OUT         ?= results/$(ASSIGNMENT)
SEED        ?=
JOBS        ?=
FRESH       ?=
# Where torch comes from besides the default index: an address, nothing, or "auto", which on Linux is the index below
# where it answers. PyPI's torch for Linux is a CUDA build of several gigabytes, and nothing here needs it. pip prefers
# 2.13.0+cpu of the one to 2.13.0 of the other.
TORCH_INDEX ?= auto
CPU_BUILDS  ?= https://download.pytorch.org/whl/cpu

BIN   := .venv/bin
# The stamp is written after a complete install. It holds the folder's path, because a .venv does not survive a move.
STAMP := .venv/.installed
# An argument in quotes that hold whatever is in it, also an apostrophe.
quoted = '$(subst ','\'',$(1))'
GRADE_OPTIONS = $(if $(SEED),--seed $(SEED)) $(if $(JOBS),--jobs $(JOBS)) $(if $(FRESH),--fresh)

ifneq ($(shell test -x $(BIN)/python && cat $(STAMP) 2>/dev/null),$(CURDIR))
$(STAMP): moved
endif

# A misspelt variable would be ignored in silence, and something else graded.
VARIABLES := PYTHON ASSIGNMENT SUBMISSIONS SUBMISSION OUT SEED JOBS FRESH TORCH_INDEX CPU_BUILDS
UNKNOWN   := $(filter-out $(VARIABLES),$(foreach name,$(.VARIABLES),$(if $(findstring command,$(origin $(name))),$(name))))
ifneq ($(UNKNOWN),)
$(error there is no variable $(UNKNOWN). Those that there are: $(VARIABLES))
endif
ifneq ($(and $(filter grade,$(MAKECMDGOALS)),$(filter-out undefined,$(origin SUBMISSION))),)
$(error make grade takes a class or one submission as SUBMISSIONS, and SUBMISSION is for make gradescope. Did you mean: make grade SUBMISSIONS=$(SUBMISSION))
endif

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup grade test fuzz build verify bench gradescope rehearse clean moved

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "Variables: ASSIGNMENT=$(ASSIGNMENT) SUBMISSIONS=path OUT=folder SEED=number JOBS=number FRESH=1 PYTHON=$(PYTHON) TORCH_INDEX=address"

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
	@echo "== pytest: the hidden suites against the reference solutions, every bank and package, the engine"
	@# Many of these wait for a time limit: half as many processes again as there are cores keep them busy.
	@$(BIN)/python -m pytest -q -p tools.spread -n $$($(BIN)/python -c 'import os; print(os.cpu_count() * 3 // 2)') tests
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
	@$(BIN)/python -m tools.bench

gradescope: $(STAMP) ## put one SUBMISSION through a simulated Gradescope container (needs root and Linux)
	@test -n $(call quoted,$(SUBMISSION)) || { echo "make: name a submission: make gradescope SUBMISSION=path" >&2; exit 2; }
	@$(BIN)/python -m tools.gradescope $(call quoted,$(ASSIGNMENT)) $(call quoted,$(SUBMISSION)) $(if $(SEED),--seed $(SEED))

rehearse: $(STAMP) ## all of which make test tries a sample: banks, hostile submissions, the simulated Gradescope (root; an hour)
	@AUTOGRADER_REHEARSAL=1 $(BIN)/python -m pytest -q -p tools.spread -n auto tests/content tests/autograder/hostile tests/autograder/packaging/simulated

clean: ## remove dist, bench.json and caches, but neither .venv nor results
	@rm -rf dist build bench.json .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	@find . -path ./.venv -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

# An interrupted install leaves no stamp, so the next call goes on from there.
# A half-made .venv without pyvenv.cfg has a bin/python that is the system's own: nothing may be installed through it,
# so the recipe makes .venv anew unless that interpreter is in a virtual environment, and pip refuses to run outside one.
# What is installed may be read by others, whatever the umask: a worker of root's is another user.
$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { \
	  echo "make: $(PYTHON) cannot be run, or is older than Python 3.10 ($$($(PYTHON) --version 2>&1))." >&2; \
	  echo "Name another: make setup PYTHON=python3.12" >&2; exit 2; }
	@if ! test -w . || { test -e .venv && ! test -w .venv; }; then \
	  echo "make: .venv must be made or brought up to date, and you ($$(id -un)) may not write there." >&2; \
	  echo "It is missing, out of date, or made with a Python that only its owner can run." >&2; \
	  echo "Clone the project into a folder of your own, or have the owner of this one run: make setup" >&2; exit 2; fi
	@echo "setting up .venv: the torch download is about 200 MB, this takes a few minutes the first time"
	@if test -f $(STAMP) && test "$$(cat $(STAMP))" != $(call quoted,$(CURDIR)) || \
	  ! $(BIN)/python -c 'import pip, sys; sys.exit(sys.prefix == sys.base_prefix)' 2>/dev/null; then \
	  umask 022; $(PYTHON) -m venv --clear .venv || { \
	    echo "make: $(PYTHON) -m venv failed. On Debian and Ubuntu, install the package python3-venv." >&2; exit 1; }; fi
	@rm -f $(STAMP)
	@index=$(call quoted,$(TORCH_INDEX)); \
	if test "$$index" = auto; then \
	  index=; \
	  if test "$$(uname -s)" = Linux; then \
	    if { $(PYTHON) -c "import signal, sys, urllib.request as web; signal.alarm(5); web.urlopen(sys.argv[1])" \
	      '$(CPU_BUILDS)/torch/'; } >/dev/null 2>&1; then index='$(CPU_BUILDS)'; else \
	      echo "$(CPU_BUILDS) did not answer within 5 seconds: torch may be the far larger CUDA build."; \
	      echo "TORCH_INDEX=address names another index with CPU builds."; fi; fi; fi; \
	echo "torch is taken from $${index:-the default index}"; \
	umask 022; $(BIN)/python -m pip --require-virtualenv install --disable-pip-version-check -c constraints.txt \
	  $${index:+--extra-index-url "$$index"} -e '.[dev]'
	@printf '%s\n' $(call quoted,$(CURDIR)) > $(STAMP)
