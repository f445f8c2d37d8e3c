# Everything starts here, from nothing but `python3` (3.11 or later) and `make`.

PYTHON ?= python3
PYTEST_WORKERS ?= 2
SEED ?= 1
BIN := .venv/bin
READY := .venv/.ready
COMPILE := $(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header \
	--python-version 3.11 --universal

.PHONY: help setup demo run test check types rules contract parity chaos corpora journeys screenshots mutants mutmut bench gallery openapi client requirements clean
.DEFAULT_GOAL := help

help: ## what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## make .venv with every dependency, checked by hash

demo: $(READY) ## the whole job on real input, into demo-out/
	$(BIN)/vitrine demo

run: $(READY) ## server, worker and local Stripe on loopback, with links and keys to play with
	$(BIN)/vitrine up

# A shell that sets this would compile every module of ours again in each of some hundred processes.
test chaos check: export PYTHONDONTWRITEBYTECODE =

test: $(READY) ## every test but chaos, on SQLite and PostgreSQL
	$(BIN)/python -m pytest -n $(PYTEST_WORKERS)

check: $(READY) ## format, lint, types, imports, dependencies, house rules, drift of document and migrations
	@$(MAKE) --no-print-directory -j 2 types rules

types: $(READY)
	$(BIN)/mypy

rules: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/vitrine openapi --check
	$(BIN)/python -m pytest -q tests/house

contract: $(READY) ## the running application against its document: Schemathesis, every phase and check; SEED=2 for others
	$(BIN)/python -m tests.contract --seed $(SEED)

parity: $(READY) ## the local Stripe beside Stripe's test mode, shapes compared; needs STRIPE_TEST_KEY and the network
	$(BIN)/python -m checkout.sandbox.parity

chaos: $(READY) ## the tests that kill, starve and shuffle real processes
	$(BIN)/python -m pytest -m chaos

journeys: $(READY) ## taps to paid orders and every page in a real Chromium on a phone's screen, with axe-core; needs Chromium
	$(BIN)/python -m pytest -m journey tests/journeys

screenshots: $(READY) ## those pages as pictures, into docs/pictures/; needs Chromium
	$(BIN)/python -m tests.journeys --write docs/pictures

corpora: $(READY) ## what strangers send, asked from registries: the browsers of npm's `user-agents`, the test pictures of Pillow
	$(BIN)/python -m pytest -m corpora tests/social/links/test_crowds.py tests/media/test_corpus.py

mutants: $(READY) ## would the tests notice? known bugs, put into a copy one after the other, into docs/mutants.md
	$(BIN)/python -m tests.mutants --write docs/mutants.md

mutmut: $(READY) ## every expression of the code that reckons and counts, changed by mutmut; into docs/mutants.md
	$(BIN)/python -m tests.mutants.operators --workers $(PYTEST_WORKERS) --write docs/mutants.md

bench: $(READY) ## what it costs, as ratios within one run, into docs/benchmarks.md
	$(BIN)/python -m bench --write docs/benchmarks.md

gallery: $(READY) ## contact sheets of every look in every format, and of seven scripts, into docs/gallery/
	$(BIN)/vitrine gallery

openapi: $(READY) ## write openapi/openapi.json, and its types for TypeScript, from the application
	$(BIN)/vitrine openapi

client: openapi ## compile the TypeScript client and check its example; needs npm
	npm exec --yes --package=typescript@5.9.3 -- tsc -p openapi/client
	npm exec --yes --package=typescript@5.9.3 -- tsc -p openapi/client/example.json

requirements: $(READY) ## pin again, with hashes, what pyproject.toml asks for
	$(COMPILE) pyproject.toml -o requirements/app.txt
	$(COMPILE) pyproject.toml --all-extras -o requirements/dev.txt
	$(COMPILE) requirements/uv.in -o requirements/uv.txt

clean: ## remove what was made, .venv included
	rm -rf .venv build dist demo-out .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamp is written last: an interrupted set-up starts over. Bytecode is compiled once, here, because a shell that
# sets PYTHONDONTWRITEBYTECODE would otherwise pay 1.1 s at the start of every process.
$(READY): requirements/dev.txt requirements/uv.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Vitrine needs Python 3.11 or later; PYTHON=... names one")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --no-deps -r requirements/uv.txt
	$(BIN)/uv pip sync -q --python $(BIN)/python --require-hashes --compile-bytecode requirements/dev.txt
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@
