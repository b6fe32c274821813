# Everything here works on a fresh clone with nothing but Python 3.11 or newer, pip, make and git.
# `make` alone lists the targets.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:

VENV := .venv
PY := $(VENV)/bin/python
# Added to the command line of the bank (make run, make demo) or of pytest (make test).
ARGS ?=

.PHONY: help run demo test test-long setup browsers lint format types size docs bench compare pictures lock clean distclean

help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

run: $(VENV)/.run ## Start the reference bank: 60 minutes idle, warning 10 minutes before.
	@exec $(PY) -m bank $(ARGS)

demo: $(VENV)/.run ## Start it with demonstration timing: 14 seconds idle, warning 6 seconds before.
	@exec $(PY) -m bank --demo $(ARGS)

test: setup browsers lint types size docs ## Set up what is missing, then run the whole gate.
	@$(PY) -m tools.gate $(ARGS)

test-long: setup ## Run the long proofs and write their results into docs/proof.md.
	@$(PY) -m tools.proof

setup: $(VENV)/.test $(VENV)/.packages ## Create .venv with everything that development needs.

browsers: ## Install what the browser tests drive (Chromium, Firefox, WebKitGTK), or say how.
	@sh tools/browsers.sh chromium firefox webkit

lint: $(VENV)/.test ## Check style and formatting.
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .

format: $(VENV)/.test ## Put style and formatting right where a tool can.
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

types: $(VENV)/.test ## Check types (mypy --strict on src and bank).
	@$(PY) -m mypy

size: $(VENV)/.test ## Weigh the browser half against its budget.
	@$(PY) -m tools.size

docs: $(VENV)/.test ## Check the links inside README and docs; there is no site yet.
	@$(PY) -m tools.links

bench: $(VENV)/.test ## Measure the stores on this machine, and the time of a refused sign-in.
	@$(PY) -m benchmarks
	@echo
	@$(PY) -m benchmarks.sign_in

compare: setup ## Measure in Chromium what docs/comparison.md sets beside other projects' figures.
	@$(PY) -m benchmarks.compare $(ARGS)

pictures: setup ## Take the pictures in docs/pictures again.
	@sh tools/browsers.sh chromium
	@$(PY) -m pytest tests/browser/test_pictures.py --pictures $(ARGS)

lock: ## Write requirements/*.txt again from pyproject.toml (UPGRADE=1 takes newer versions).
	@sh tools/lock.sh

clean: ## Remove what builds and test runs leave behind.
	@rm -rf build dist htmlcov .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -not -path './.venv*' -prune -exec rm -rf {} +

distclean: clean ## The same, and the environments.
	@rm -rf .venv .venv-lock $(PACKAGES:%=%/node_modules)

# A stamp is newer than the lock it was made from, so set-up happens once per lock.
SETUP := pyproject.toml tools/environment.sh tools/find_python.sh

$(VENV)/.run: requirements/run.txt $(SETUP)
	@sh tools/environment.sh run
	@touch $@

$(VENV)/.test: requirements/test.txt requirements/flask.txt $(SETUP)
	@sh tools/environment.sh test
	@rm -rf $(VENV)/wheels
	@# The wheel test installs these into an environment of its own, without a network.
	@$(PY) -m pip download --quiet --disable-pip-version-check --require-hashes --dest $(VENV)/wheels --requirement requirements/flask.txt
	@touch $@ $(VENV)/.run

# What only tests load, from npm: old jQuery and Bootstrap, and TypeScript.
PACKAGES := tests/browser/seed_page tests/types

$(VENV)/.packages: $(PACKAGES:%=%/package-lock.json) tools/packages.sh | $(VENV)/.test
	@sh tools/packages.sh $(PACKAGES)
	@touch $@
