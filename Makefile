# Everything is installed into .venv and browser/node_modules, and nowhere else.
# The exceptions are `make test` and `make polyglot` as root on Debian, which install what they lack
# with apt; Go's, Maven's and Cargo's downloads stay in their own caches.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

# Where the demo answers; the gateway is at PORT + 1, the HTTP API at + 2, health at + 3.
PORT ?= 8000

# How long `make chaos` and `make torture` go on. Bash counts in a variable SECONDS of its own: only what is given to
# make counts.
LASTING = $(if $(filter command environment,$(firstword $(origin SECONDS))),$(SECONDS),300)

# Test files that run at once, each worker on a RabbitMQ and PostgreSQL of its own; one of somebody
# else's serves only one.
AT_ONCE = $(if $(PRESENTLY_AMQP_URL)$(PRESENTLY_TEST_DATABASE_URL),0,3)

BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check install --quiet
GO := ../../scripts/go
OURS := --no-deps --no-build-isolation --editable . --editable producers/python

# One for each SQL file, all alike.
DJANGO_MIGRATIONS := producers/python/presently/django/migrations

.PHONY: help demo test polyglot faults chaos torture check fmt schemas freeze screenshot clean

help:  ## show this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 20

demo: .venv/.server  ## run it all in one process, at http://localhost:$(PORT); PORT=9000 moves it
	$(BIN)/presently dev --port $(PORT)

test: .venv/.dev .venv/.django42 browser/node_modules/.made tests/asyncapi/node_modules/.made  ## the whole test suite, on a real RabbitMQ, PostgreSQL and browser
	scripts/system_packages
	$(BIN)/pytest --numprocesses $(AT_ONCE) --dist loadscope --no-loadscope-reorder \
		-m "not long and not polyglot"
	cd browser && ../scripts/npm test

polyglot: .venv/.dev producers/node/node_modules/.made  ## the packages and recipes of other languages, on a real RabbitMQ
	scripts/system_packages
	scripts/polyglot_packages
	cd producers/node && ../../scripts/npm run --silent check && ../../scripts/npm test
	cd producers/go && unformatted=$$("$$($(GO) env GOROOT)"/bin/gofmt -l .) && test -z "$$unformatted" && \
		$(GO) vet ./... && $(GO) test ./... && $(GO) build -o bin/ ./examples/...
	cd producers/recipes/java && mvn --quiet --batch-mode compile
	cd producers/recipes/ruby && for file in *.rb; do ruby -wc "$$file" >/dev/null; done
	cd producers/recipes/php && for file in *.php; do php --syntax-check "$$file" >/dev/null; done
	cd producers/recipes/rust && CARGO_PROFILE_DEV_DEBUG=none ../../../scripts/cargo build --quiet
	cd producers/recipes/shell && for file in *.sh; do bash -n "$$file"; done
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

check: .venv/.dev browser/node_modules/.made tests/asyncapi/node_modules/.made  ## style, types, imports, generated files, house rules
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m schemas.generate --check
	$(BIN)/python -m schemas.released --check
	$(BIN)/pytest -q tests/test_house_rules.py
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml
	cd browser && ../scripts/npm run check
	cd tests/asyncapi && ../../scripts/npm run --silent check

fmt: .venv/.dev  ## format the Python files, and mend what ruff can mend
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

schemas: .venv/.dev browser/node_modules/.made  ## write the generated files again: schemas, settings, types, what the demo handles, Django's migrations
	$(BIN)/python -m schemas.generate
	$(BIN)/python -m presently_server.settings_page
	for sql in producers/postgres/migrations/*.sql; do \
		cp -n $(DJANGO_MIGRATIONS)/0001_outbox.py $(DJANGO_MIGRATIONS)/$$(basename $$sql .sql).py; done
	cd browser && ../scripts/npm run --silent types
	cd browser && ../scripts/npm run --silent handled -- --out ../demo/handled.json ../demo/static/*.js

freeze: .venv/.dev  ## keep the contract as it is now as that of a release: VERSION=0.2.0
	$(BIN)/python -m schemas.released --freeze "$(VERSION)"

screenshot: .venv/.dev  ## take docs/images/two-windows.png again
	scripts/system_packages
	PRESENTLY_SCREENSHOT=docs/images/two-windows.png $(BIN)/pytest tests/browser -k screenshot

clean:  ## remove what make made
	rm -rf .venv .npm browser/node_modules tests/asyncapi/node_modules producers/node/node_modules producers/go/bin \
		producers/recipes/java/target producers/recipes/rust/target .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/.server: requirements/server.txt pyproject.toml producers/python/pyproject.toml scripts/venv
	scripts/venv
	$(PIP) --require-hashes --requirement requirements/server.txt
	$(PIP) $(OURS)
	@touch $@

.venv/.dev: requirements/dev.txt .venv/.server
	$(PIP) --require-hashes --requirement requirements/dev.txt
	@touch $@

# The older long-term Django, by itself: it finds the SDK on PYTHONPATH.
.venv/.django42: requirements/django42.txt .venv/.dev
	$(BIN)/python -m venv --clear .venv/django42
	.venv/django42/bin/pip --disable-pip-version-check install --quiet --require-hashes --requirement requirements/django42.txt
	@touch $@

producers/node/node_modules/.made: producers/node/package.json producers/node/package-lock.json .venv/.dev
	cd producers/node && ../../scripts/npm ci --loglevel=error
	@touch $@

tests/asyncapi/node_modules/.made: tests/asyncapi/package.json tests/asyncapi/package-lock.json .venv/.dev
	cd tests/asyncapi && ../../scripts/npm ci --ignore-scripts --loglevel=error
	@touch $@

browser/node_modules/.made: browser/package.json browser/package-lock.json .venv/.dev
	cd browser && ../scripts/npm ci --loglevel=error
	@touch $@
