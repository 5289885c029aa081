# Every command of a developer's day. PYTHON is any Python from 3.11 on; everything else is installed into .venv from the locks.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help run demo test test-all cover lint format golden docs bench clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

run: $(VENV)/run.stamp  ## the demo shops with a server on http://127.0.0.1:8000 that stays until Ctrl-C
	@$(BIN)/python -m wsgi demo --stay

demo: $(VENV)/run.stamp  ## the same once, then the end
	@$(BIN)/python -m wsgi demo

test: $(VENV)/dev.stamp  ## every test that is quick, and the names of what was skipped
	@$(BIN)/python -m pytest -m "not slow" -n 2 --dist loadgroup -rs

test-all: $(VENV)/dev.stamp  ## the slow tests too: killed processes, hostile requests against a running server
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -rs

cover: $(VENV)/dev.stamp  ## how much of the heart the tests walk through (on SQLite); fails below 95 %
	@$(BIN)/python -m coverage run -m pytest -q -m "not slow" -k "not postgresql" tests/flows tests/lifecycle tests/templates/test_voice.py
	@$(BIN)/python -m coverage report --skip-covered --fail-under=95

lint: $(VENV)/dev.stamp  ## what CI looks at first
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

format: $(VENV)/dev.stamp  ## put every file into its form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

golden: $(VENV)/dev.stamp  ## write the golden letters anew; review the difference before you commit it
	@$(BIN)/python -m tests.golden.regenerate

docs: $(VENV)/dev.stamp  ## write the generated pages under docs/ anew
	@$(BIN)/python -m tests.docs.regenerate

clean:  ## remove what was installed and built; instance/ with its data stays
	@rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/run.stamp: requirements.lock
	@echo "Installing (once) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock
	@echo "Installing (once) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@ $(VENV)/run.stamp
