# Merchlens. `make run` starts the app, `make test` checks everything; both install what they need first.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
VENV ?= .venv
HOST ?= 127.0.0.1
PORT ?= 8501
WORKERS ?= 2
override PY := $(VENV)/bin/python

# An installation is named after the content of its requirement files: a changed pin installs again, nothing else does.
USER_KEY := $(shell cat requirements.txt | cksum | cut -d' ' -f1)
DEV_KEY := $(shell cat requirements.txt requirements-dev.txt | cksum | cut -d' ' -f1)
USER_STAMP := $(VENV)/.installed-$(USER_KEY)
DEV_STAMP := $(VENV)/.installed-dev-$(DEV_KEY)

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1

.PHONY: help run test test-slow setup setup-dev chromium lint types contracts unit browser format screenshots lock \
	bench-quality bench-speed bench-explain bench-pipeline bench-pages bench-gpu clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 24

run: $(USER_STAMP) ## start the app on http://127.0.0.1:8501 (HOST=… PORT=… to change)
	@echo "Merchlens starts on http://$(HOST):$(PORT) — stop it with Ctrl-C."
	@exec $(PY) -m streamlit run app.py --server.address $(HOST) --server.port $(PORT)

test: setup-dev chromium ## every check: lint, types, import contracts, unit, contract, page and browser tests
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory types
	@$(MAKE) --no-print-directory contracts
	@$(MAKE) --no-print-directory unit
	@$(MAKE) --no-print-directory browser

test-slow: setup-dev chromium ## the tests that take minutes, or repeat in a browser what the others hold
	$(PY) -m pytest -m slow

setup: $(USER_STAMP) ## install what the app needs, nothing more

setup-dev: $(DEV_STAMP)

lint: $(DEV_STAMP) ## style and likely mistakes
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

format: $(DEV_STAMP) ## bring every file into shape
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

types: $(DEV_STAMP) ## type check; the core strictly
	$(PY) -m pyright
	$(PY) -m pyright -p scripts/pyright_core.json

contracts: $(DEV_STAMP) ## who may import whom
	$(VENV)/bin/lint-imports

unit: $(DEV_STAMP) ## every test that needs no browser
	$(PY) -m pytest -m "not browser and not slow" -n $(WORKERS) --dist loadfile

browser: $(DEV_STAMP) chromium ## the tests in a real Chromium
	$(PY) -m pytest -m "browser and not slow" tests/browser -n $(WORKERS) --dist loadfile

screenshots: $(DEV_STAMP) chromium ## take docs/screenshots/*.png from the running app
	$(PY) scripts/screenshots.py

lock: $(DEV_STAMP) ## write the requirement files from what is installed
	$(PY) scripts/lock.py

# DATA: folder of the public sets. KEEP: folder of the long runs, which go on from it when interrupted. IMPLICIT, RECTOOLS: interpreters
# of other environments that have these libraries.
DATA ?= $(MERCHLENS_BENCH_DATA)
KEEP ?= build/bench
IMPLICIT ?= python3
RECTOOLS ?= python3

bench-quality: $(DEV_STAMP) ## model quality against published figures; hours with the networks, DATA=… KEEP=…
	-$(PY) benchmarks/quality.py --data "$(DATA)"
	$(PY) benchmarks/shop_quality.py --keep "$(KEEP)/shop"
	$(PY) benchmarks/cold_items.py
	$(PY) benchmarks/funnel_quality.py
	for set in ml_1m Beauty; do \
		$(PY) benchmarks/sequence_quality.py --data "$(DATA)" --only $$set --keep "$(KEEP)/$$set"; \
		$(PY) benchmarks/fusion_quality.py --data "$(DATA)" --only $$set --keep "$(KEEP)/$$set"; \
	done

bench-speed: $(DEV_STAMP) ## models and lists against implicit and RecTools in the same run, DATA=… IMPLICIT=… RECTOOLS=…
	-$(PY) benchmarks/als_speed.py --data "$(DATA)" --implicit "$(IMPLICIT)"
	-$(PY) benchmarks/topk_speed.py --data "$(DATA)" --implicit "$(IMPLICIT)"
	-$(PY) benchmarks/sequence_speed.py --data "$(DATA)" --rectools "$(RECTOOLS)"
	-$(PY) benchmarks/ease_speed.py

bench-explain: $(DEV_STAMP) ## explanations of a list and of 1,000 lists; exact TreeSHAP beside the shap library on the same ranker
	-$(PY) benchmarks/explain.py
	-$(PY) benchmarks/explain.py --lists
	-$(PY) benchmarks/explain.py --report

bench-pipeline: $(DEV_STAMP) ## sample file to first explained list, every step a process
	$(PY) benchmarks/pipeline.py

bench-pages: $(DEV_STAMP) ## rerun of every page against an empty page
	$(PY) benchmarks/page_rerun.py
	$(PY) benchmarks/compare_open.py

bench-gpu: $(DEV_STAMP) ## contract, agreement with the CPU and speed on a CUDA machine; says so and ends with 2 where there is none
	$(PY) benchmarks/gpu.py

clean: ## remove the environment and all caches; the workspace stays
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

chromium:
	@bash scripts/install_browser.sh

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Merchlens needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ echo "Python cannot make a virtual environment; on Debian install the package python3-venv." >&2; exit 1; }
	@touch $@

$(USER_STAMP): | $(VENV)/.made
	$(PY) -m pip install -r requirements.txt
	@rm -f $(VENV)/.installed-*
	@touch $@

$(DEV_STAMP): | $(VENV)/.made
	$(PY) -m pip install -r requirements-dev.txt
	@rm -f $(VENV)/.installed-*
	@touch $@ $(USER_STAMP)
