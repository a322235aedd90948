# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Landbridge authors

# Every target does the set-up that it needs. `make` alone lists them.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-mysql lint bench lab-up lab-down dist clean

# The collection is found below build/collections, as an installed one would be; nothing of the user's is read or written.
export ANSIBLE_COLLECTIONS_PATH := $(CURDIR)/build/collections
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PYTHONDONTWRITEBYTECODE := 1

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | while IFS='|' read -r target text; do printf '%-16s %s\n' "$$target" "$$text"; done

setup: ## install what the other targets need: Debian packages, two virtual environments, links; nothing is done twice
	@scripts/setup browser

demo: ## the whole migration on this machine, from a MariaDB to a DynamoDB table; report in build/demo (ROWS=100000)
	@scripts/setup
	@lab/landbridge-lab demo

test: setup ## everything that gates: lint, sanity, unit, property, integration, the twin, its contract, Molecule, end to end (PARTS="unit lint" for some)
	@python scripts/gate.py $(PARTS)

test-mysql: ## the tests that touch the source against a real MySQL, from Debian's archive (no part of the gate)
	@scripts/setup
	@python scripts/gate.py mysql

lint: ## style, types, layers, YAML, Ansible, changelog and documentation
	@scripts/setup
	@python scripts/gate.py lint

bench: ## measure against the usual way; table on the screen, numbers in build/bench.json
	@scripts/setup
	@python -m bench

lab-up: ## start the lab (MariaDB, AWS emulator, DMS) in build/lab, or leave a running one alone
	@scripts/setup
	@lab/landbridge-lab up

lab-down: ## stop what lab-up started and remove build/lab
	@if [ -x .venv-lab/bin/python ]; then lab/landbridge-lab down; fi

dist: ## the collection as a tarball and the engine as a wheel, in dist/
	@scripts/setup
	@scripts/dist

clean: lab-down ## remove all that make made: build, dist, virtual environments, caches (Debian packages stay)
	@rm -rf build dist .venv .venv-lab .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .ansible
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
