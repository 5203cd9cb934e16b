# The doors to the project. `make setup` makes all that the others need, in .venv.
SHELL := /bin/bash
PYTHON ?= python3.11
BIN := .venv/bin
STAMP := .venv/.ready

.PHONY: setup demo tour test check bench bench-faults lock format

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

# What one worker has compiled, and what the hubs are that the tests start, need not be compiled again.
test: export PYTHONDONTWRITEBYTECODE :=
test: setup check
	@scripts/browser
	$(BIN)/pytest -n 4 --dist loadfile --no-loadscope-reorder

bench: setup
	@$(BIN)/python -m bench

bench-faults: setup
	KILLS=30 $(BIN)/pytest tests/faults

# Compiles requirements.in anew; needs pip-tools at hand. No registry's address is recorded.
lock:
	pip-compile -q --allow-unsafe --generate-hashes --strip-extras --no-header \
	  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links requirements.in -o requirements.txt
