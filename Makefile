# Two commands do everything on a fresh machine: `make run` and `make test`.
# `make` alone tells what there is.

SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
JAAR ?= 2021
BRON ?= voorbeeld
BIN := .venv/bin
READY := .venv/.ready

.PHONY: help setup run test check format lab notebooks docs lock bench

help:  ## toon deze hulp
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

setup: $(READY)  ## installeer alles wat nodig is in .venv (doen run en test ook)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' \
		|| { echo "Python 3.11 is nodig; zeg met PYTHON=... waar het staat." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || .ci/install python3-venv \
		|| { echo "Het pakket python3-venv ontbreekt: sudo apt-get install python3-venv" >&2; exit 1; }
	rm -rf .venv
	$(PYTHON) -m venv .venv
	@# Debian's pip prefers the newest where a package asks for another with an extra, whatever the lock says.
	$(BIN)/pip install --quiet --disable-pip-version-check pip==26.3
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/socius hook --installeer
	@touch $(READY)

run: $(READY)  ## doe alles voor een jaar: make run JAAR=2021 BRON=voorbeeld
	$(BIN)/socius run $(JAAR) --bron $(BRON)

test: check  ## alle controles en tests, met de vergelijking van de notebooks
	$(BIN)/pytest -n 2
	$(BIN)/socius process 2021
	$(BIN)/pytest -n 2 --nbval notebooks

check: $(READY)  ## stijl en types van de code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(READY)  ## breng de code in de stijl
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lab: $(READY)  ## open JupyterLab op de werkruimte: make lab BRON=voorbeeld
	$(BIN)/socius lab --bron $(BRON)

notebooks: $(READY)  ## voer de notebooks opnieuw uit en bewaar hun uitvoer
	$(BIN)/socius renew

docs: $(READY)  ## maak het handboek: docs/_build/html/index.html
	$(BIN)/sphinx-build -b html -W -n --keep-going -q docs docs/_build/html

lock: $(READY)  ## maak requirements.lock opnieuw na een wijziging in pyproject.toml
	$(BIN)/uv pip compile --quiet pyproject.toml --extra dev --python-version 3.11 \
		--universal --generate-hashes --no-annotate --no-header -o requirements.lock

bench: $(READY)  ## meet hoe lang alles duurt, als tabellen voor de README (een uur)
	$(BIN)/python benchmarks/measure.py
	$(BIN)/python benchmarks/engine.py
	$(BIN)/python benchmarks/sector.py
