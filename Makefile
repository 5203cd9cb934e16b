# The doors to the project. `make setup` makes all that the others need, in .venv.
SHELL := /bin/bash
PYTHON ?= python3.11
BIN := .venv/bin
STAMP := .venv/.ready

.PHONY: setup demo tour test check browser compiled bench bench-faults lock format

setup: $(STAMP)

$(STAMP): requirements.txt pyproject.toml
	@scripts/setup $(PYTHON)
	@touch $(STAMP)

demo: setup
	@$(BIN)/hub demo

tour: setup
	@$(BIN)/hub demo --tour

check: setup
	$(BIN)/ruff check hub tests bench
	$(BIN)/mypy
	$(BIN)/lint-imports

# What is compiled once need not be by each worker, nor by the hubs that the tests start.
test: export PYTHONDONTWRITEBYTECODE :=
test: setup
	@$(MAKE) --no-print-directory -j 3 check browser compiled
	$(BIN)/pytest -n 4 --dist loadfile --no-loadscope-reorder

browser:
	@scripts/browser

compiled: setup
	@$(BIN)/pytest --collect-only -qqq >/dev/null || true  # the run itself tells what is wrong

bench: setup
	@$(BIN)/python -m bench

bench-faults: setup
	KILLS=30 $(BIN)/pytest tests/faults

# Compiles requirements.in anew; needs pip-tools at hand. No registry's address is recorded.
lock:
	pip-compile -q --allow-unsafe --generate-hashes --strip-extras --no-header \
	  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links requirements.in -o requirements.txt
