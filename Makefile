# Thin on purpose: each target makes the virtual environment when it is missing and runs one thing.
#
#   make demo      sample claims of 20,000 members, summarised by the command `opsafe`
#   make test      every test and every example in the documentation
#   make test-spark  the tests inside Spark, which need Java; `make test` skips them without
#   make check     lint, format, types, import contracts
#   make docs      the documentation, warnings as errors, into build/docs
#   make bench     the benchmarks in their short form
#   make nightly   everything at full counts: tests, lowest versions, notebooks, large benchmarks
#
# PYTHON (3.11 or newer) makes the environment VENV; BUILD takes whatever is generated.

PYTHON ?= python3
VENV ?= .venv
BUILD ?= build
PYTEST_ARGS ?= --numprocesses=2

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
FACE := $(VENV)/.installed-face
DEVELOP := $(VENV)/.installed-develop
INPUTS := pyproject.toml constraints.txt
BENCHMARKS := $(wildcard benchmarks/*.py)

# Pictures are made without a screen.
export MPLBACKEND := Agg

.DEFAULT_GOAL := help
.PHONY: help demo test test-spark check docs bench lowest nightly clean

help:
	@sed -n 's/^# \{0,1\}//; 3,9p' Makefile

demo: $(FACE)
	@mkdir -p $(BUILD)/demo
	$(BIN)/python examples/sample_claims.py --members 20000 --seed 7 --out $(BUILD)/demo/claims.csv
	$(BIN)/opsafe mme summarize $(BUILD)/demo/claims.csv --edition cdc-2022 \
		--start 2025-01-01 --end 2025-12-31 --out $(BUILD)/demo/members.csv

test: $(DEVELOP)
	HYPOTHESIS_PROFILE=ci $(BIN)/python -m pytest $(PYTEST_ARGS)

test-spark: $(DEVELOP)
	@java -version >/dev/null 2>&1 || { echo "make test-spark needs Java 17 or newer"; exit 1; }
	HYPOTHESIS_PROFILE=ci $(BIN)/python -m pytest tests/spark

check: $(DEVELOP)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

docs: $(DEVELOP)
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet \
		--builder html --doctree-dir $(BUILD)/doctrees docs $(BUILD)/docs

# A benchmark takes under three minutes without arguments; with --full it takes what it needs.
bench: $(DEVELOP)
	@for script in $(BENCHMARKS); do echo "== $$script"; $(BIN)/python $$script || exit 1; done

# The lower bounds of pyproject.toml are promises; this keeps them. uv alone can resolve downwards.
lowest: $(DEVELOP)
	$(PYTHON) -m venv --clear $(BUILD)/lowest
	$(BUILD)/lowest/bin/python -m pip --disable-pip-version-check --quiet install uv
	$(BUILD)/lowest/bin/uv pip install --quiet --python $(BUILD)/lowest/bin/python \
		--resolution lowest-direct --editable '.[plot,cli,files,spark,duckdb,fast]' --group test
	HYPOTHESIS_PROFILE=ci $(BUILD)/lowest/bin/python -m pytest $(PYTEST_ARGS)

nightly: $(DEVELOP) lowest
	HYPOTHESIS_PROFILE=nightly $(BIN)/python -m pytest $(PYTEST_ARGS) -m "nightly or not nightly"
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet --define nb_execution_mode=force \
		--builder html --doctree-dir $(BUILD)/doctrees-executed docs $(BUILD)/docs-executed
	@for script in $(BENCHMARKS); do \
		echo "== $$script --full"; $(BIN)/python $$script --full || exit 1; done

clean:
	rm -rf $(BUILD)

# Two stamps, because a first look at the demonstration should not wait for the documentation tools.

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "opsafe needs Python 3.11 or newer; try: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(FACE): $(INPUTS) | $(BIN)/python
	$(PIP) install --constraint constraints.txt pip
	$(PIP) install --constraint constraints.txt --editable '.[cli,plot]'
	@touch $@

$(DEVELOP): $(INPUTS) | $(BIN)/python
	$(PIP) install --constraint constraints.txt pip
	$(PIP) install --constraint constraints.txt --editable . \
		--group test --group check --group docs
	@touch $@
