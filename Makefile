# Everything is installed into .venv and browser/node_modules, and nowhere else.
# The one exception is `make test` as root on Debian, which installs what it lacks with apt.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

# Where the demo answers; the gateway is at PORT + 1, the HTTP API at + 2, health at + 3.
PORT ?= 8000

# How long `make chaos` and `make torture` go on. Bash counts in a variable SECONDS of its own: only what is given to
# make counts.
LASTING = $(if $(filter command environment,$(firstword $(origin SECONDS))),$(SECONDS),300)

BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check install --quiet
OURS := --no-deps --no-build-isolation --editable . --editable producers/python

.PHONY: help demo test polyglot faults chaos torture check fmt schemas screenshot clean

help:  ## show this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 20

demo: .venv/.server  ## run it all in one process, at http://localhost:$(PORT); PORT=9000 moves it
	$(BIN)/presently dev --port $(PORT)

test: .venv/.dev browser/node_modules/.made  ## the whole test suite, on a real RabbitMQ, PostgreSQL and browser
	scripts/system_packages
	$(BIN)/pytest -m "not long and not polyglot"
	cd browser && ../scripts/npm test

polyglot: .venv/.dev producers/node/node_modules/.made  ## the packages and recipes of other languages, on a real RabbitMQ
	scripts/system_packages
	scripts/polyglot_packages
	cd producers/node && ../../scripts/npm run --silent check && ../../scripts/npm test
	cd producers/go && test -z "$$(gofmt -l .)" && go vet ./... && go test ./... && go build -o bin/ ./examples/...
	cd producers/recipes/java && mvn --quiet --batch-mode compile
	cd producers/recipes/rust && cargo build --quiet
	$(BIN)/pytest tests/polyglot

faults: .venv/.dev  ## every fault that has a name, under load; prints how long each one was felt
	scripts/system_packages
	times=$$(mktemp); trap 'rm -f "$$times"' EXIT; status=0; \
	PRESENTLY_FAULT_TIMES=$$times $(BIN)/pytest -o faulthandler_timeout=900 tests/fault \
		--deselect tests/fault/test_chaos.py::test_whatever_happens || status=$$?; \
	$(BIN)/python -m tests.fault.table "$$times"; exit $$status

chaos: .venv/.dev  ## faults from a SEED for SECONDS, then the oracle's verdict; a seed replays itself
	scripts/system_packages
	PRESENTLY_CHAOS_SECONDS=$(LASTING) PRESENTLY_CHAOS_SEED=$(SEED) \
		$(BIN)/pytest -s -o faulthandler_timeout=0 tests/fault/test_chaos.py::test_whatever_happens

torture: .venv/.dev  ## writers of every kind and blows from a SEED for SECONDS, judged by the database
	scripts/system_packages
	PRESENTLY_TORTURE_SECONDS=$(LASTING) PRESENTLY_TORTURE_SEED=$(SEED) $(BIN)/pytest -s \
		-o faulthandler_timeout=0 tests/torture/test_torture.py::test_for_as_long_as_somebody_wants

check: .venv/.dev browser/node_modules/.made  ## style, types, imports, generated files, house rules
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m schemas.generate --check
	$(BIN)/pytest -q tests/test_house_rules.py
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml
	cd browser && ../scripts/npm run check

fmt: .venv/.dev  ## format the Python files, and mend what ruff can mend
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

schemas: .venv/.dev browser/node_modules/.made  ## write the generated files again: schemas, settings, types
	$(BIN)/python -m schemas.generate
	$(BIN)/python -m presently_server.settings_page
	cd browser && ../scripts/npm run --silent types

screenshot: .venv/.dev  ## take docs/images/two-windows.png again
	scripts/system_packages
	PRESENTLY_SCREENSHOT=docs/images/two-windows.png $(BIN)/pytest tests/browser -k screenshot

clean:  ## remove what make made
	rm -rf .venv .npm browser/node_modules producers/node/node_modules producers/go/bin \
		producers/recipes/java/target producers/recipes/rust/target .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/.server: requirements/server.txt pyproject.toml producers/python/pyproject.toml scripts/venv
	scripts/venv
	$(PIP) --require-hashes --requirement requirements/server.txt
	$(PIP) $(OURS)
	@touch $@

.venv/.dev: requirements/dev.txt .venv/.server
	$(PIP) --require-hashes --requirement requirements/dev.txt
	@touch $@

producers/node/node_modules/.made: producers/node/package.json producers/node/package-lock.json .venv/.dev
	cd producers/node && ../../scripts/npm ci --loglevel=error
	@touch $@

browser/node_modules/.made: browser/package.json browser/package-lock.json .venv/.dev
	cd browser && ../scripts/npm ci --loglevel=error
	@touch $@
