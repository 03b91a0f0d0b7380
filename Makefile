# `make run` and `make test` need Python 3.11 or later and GNU make, nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SHARED ?= ../shared
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install
COMPILE := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header

# for `make run`: more options of `kitsu-api up`, e.g. ARGS="--port 9000"
ARGS ?=
# for `make conformance`: areas and cases (comma separated), a word, V=1 for details, a file for the report
AREA ?=
CASES ?=
K ?=
V ?=
REPORT ?=
# for `make bench`: small, large or a number of shots; URLs of a server to compare with and of its database, which
# `python -m bench.dataset URL` fills; scenarios by name
SCALE ?= small
PEER ?=
PEER_DATABASE ?=
ONLY ?=
WORKERS ?= 1
# for `make bench-growth`: numbers of shots
SIZES ?= 1000,3000,10000,30000,100000
# for `make load`
CLIENTS ?= 200
SECONDS ?= 60
# for `make fuzz`: how long it goes on, and the seed of an earlier run
MINUTES ?= 10
SEED ?=
# for `make audit`: a folder, or an archive, of advisories in the format of OSV
ADVISORIES ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run sdk docs test check bench bench-growth bench-media bench-workers bench-writes fuzz faults load audit sbom translations conformance ratchet openapi lock format clean

help: ## Say what there is.
	@grep -E '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

run: $(VENV)/installed-run ## Run everything: PostgreSQL, Valkey, API and worker (ARGS="--port 9000").
	@exec $(BIN)/kitsu-api up $(ARGS)

test: check ratchet ## Lint, type-check and test, then look whether finished conformance areas still pass.

check: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 2

ratchet: $(VENV)/installed-dev check
	@if [ -f "$(SHARED)/conformance/replay.py" ]; then \
		$(BIN)/python tests/conformance/run.py --shared "$(SHARED)" --ratchet; \
	else \
		echo "skipped: the conformance cases are not in $(SHARED)"; \
	fi

conformance: $(VENV)/installed-dev ## Replay recorded cases (AREA= CASES= K= V= REPORT=).
	@if [ ! -f "$(SHARED)/conformance/replay.py" ]; then \
		echo "The conformance cases are not in $(SHARED)/conformance, so there is nothing to replay."; exit 2; \
	fi
	@$(BIN)/python tests/conformance/run.py --shared "$(SHARED)" $(if $(AREA),--area "$(AREA)") \
		$(if $(CASES),--cases "$(CASES)") $(if $(K),-k "$(K)") $(if $(V),-v) $(if $(REPORT),--report "$(REPORT)")

bench: $(VENV)/installed-dev ## Measure the server beside hand-written SQL (SCALE= PEER= ONLY= WORKERS=).
	@$(BIN)/python -m bench --scale "$(SCALE)" --workers "$(WORKERS)" $(if $(PEER),--peer "$(PEER)") \
		$(if $(PEER_DATABASE),--peer-database "$(PEER_DATABASE)") $(if $(ONLY),--only "$(ONLY)")

bench-growth: $(VENV)/installed-dev ## Follow the cost from 1,000 to 100,000 shots (SIZES=); takes long, and some 10 GB of disk.
	@$(BIN)/python -m bench.growth --sizes "$(SIZES)"

bench-workers: $(VENV)/installed-dev ## Look whether processes of a server hold each other up (SCALE=); needs root on Linux.
	@$(BIN)/python -m bench.workers --scale "$(SCALE)"

load: $(VENV)/installed-dev ## Ask for twice what the server can answer (CLIENTS= SECONDS=).
	@$(BIN)/python -m bench.load --clients "$(CLIENTS)" --seconds "$(SECONDS)"

translations: $(VENV)/installed-dev ## Bring new texts into the catalogs.
	printf '[python: services/*_texts.py]\n[jinja2: templates/**]\n' > .babel.cfg
	$(BIN)/pybabel -q extract --omit-header --no-location --sort-output -k _ -F .babel.cfg -o .messages.pot src/kitsu_api
	for file in src/kitsu_api/translations/*/messages.po; do \
		$(BIN)/pybabel -q update --ignore-pot-creation-date --no-fuzzy-matching --no-wrap \
			-i .messages.pot -o $$file -l $$(basename $$(dirname $$file)) || exit 1; done
	rm .babel.cfg .messages.pot

openapi: $(VENV)/installed-dev ## Write openapi.json and the index of routes.
	$(BIN)/kitsu-api openapi > .openapi.json.new
	mv .openapi.json.new openapi.json
	$(BIN)/python -m kitsu_api.route_register

fuzz: $(VENV)/installed-dev ## Try hostile input for a while (MINUTES= SEED=).
	@$(BIN)/python -m tests.fuzz --minutes "$(MINUTES)" $(if $(SEED),--seed "$(SEED)")

faults: $(VENV)/installed-dev ## Kill databases, servers and workers at work, and look what is left.
	$(BIN)/python -m pytest -m "faults or not faults" tests/faults

sdk: $(VENV)/installed-dev ## Generate clients for Python and TypeScript into build/sdk, and try them.
	@$(BIN)/python sdk/generate.py build/sdk
	@$(BIN)/python sdk/try_out.py build/sdk

docs: $(VENV)/installed-dev ## Build the site of the documentation into build/docs.
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

bench-writes: $(VENV)/installed-dev ## Measure writes against their aims (SCALE= WORKERS=).
	@$(BIN)/python -m bench.writes --workers "$(WORKERS)" $(if $(filter-out small,$(SCALE)),--scale "$(SCALE)")

bench-media: $(VENV)/installed-dev ## Compare the making of movies with the ffmpeg command line.
	$(BIN)/python bench/media.py

audit: $(VENV)/installed-dev ## Look for known holes in what the lock files name (ADVISORIES= for a folder, else the internet).
	@if [ -n "$(ADVISORIES)" ]; then \
		$(BIN)/python -m supply.advisories "$(ADVISORIES)" requirements/run.txt requirements/dev.txt; \
	elif $(BIN)/python -c 'import socket; socket.create_connection(("api.osv.dev", 443), 5)' 2>/dev/null; then \
		for file in run dev; do \
			$(BIN)/pip-audit -s osv --require-hashes --disable-pip -r requirements/$$file.txt || exit 1; \
		done; \
	else \
		echo "skipped: the advisories can't be reached from here; ADVISORIES= names a folder with them (docs/operations.md)"; \
	fi

sbom: $(VENV)/installed-dev ## Write what the server is made of to build/sbom.json (CycloneDX).
	@mkdir -p build
	$(BIN)/python -W ignore -m cyclonedx_py requirements --output-format JSON --output-reproducible --pyproject pyproject.toml \
		-o build/sbom.json requirements/run.txt

lock: ## Compile the lock files anew from pyproject.toml.
	@command -v uv >/dev/null || { echo "This needs uv: https://docs.astral.sh/uv/"; exit 1; }
	$(COMPILE) --extra build -o requirements/run.txt
	$(COMPILE) --extra build --extra dev -o requirements/dev.txt

format: $(VENV)/installed-dev ## Format the code and mend what can be mended.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## Remove the virtual environment and what tools left; the data folder stays.
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Python 3.11 or later is needed, and $(PYTHON) is: $$($(PYTHON) --version 2>&1)."; \
		echo "Name another one: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "The virtual environment could not be made. On Debian and Ubuntu: apt install python3-venv"; exit 1; }

# the stamps are as new as what was installed, so that the next run installs nothing
$(VENV)/installed-run: requirements/run.txt pyproject.toml | $(VENV)/pyvenv.cfg
	@echo "Installing; this takes a minute the first time."
	@$(PIP) --require-hashes -r requirements/run.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/installed-dev: requirements/dev.txt pyproject.toml | $(VENV)/pyvenv.cfg
	@echo "Installing; this takes a minute the first time."
	@$(PIP) --require-hashes -r requirements/dev.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/installed-run
