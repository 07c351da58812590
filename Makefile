# Every target sets up what it needs on a fresh machine: Python 3.11 or newer with its venv module, and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
VENV_READY := $(VENV)/.venv-ready
RUN_READY := $(VENV)/.run-ready
DEMO_READY := $(VENV)/.demo-ready
TEST_READY := $(VENV)/.test-ready

# When the Python that it was made with is gone, the environment is of no use.
$(shell test -x $(BIN)/python || rm -f $(VENV)/.*-ready)

.DEFAULT_GOAL := help
.PHONY: help demo run invite-url test faults bench reference screens check texts format lint types lock clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

demo: $(DEMO_READY) ## Watch the bot at work on a local Discord: no token, no internet
	@$(BIN)/python -m bot demo

run: $(RUN_READY) ## Run the bot with config.toml
	@$(BIN)/python -m bot run

invite-url: $(RUN_READY) ## Print the address that adds the bot to a server
	@$(BIN)/python -m bot invite-url

# Tests start the bot as a process some seventy times: compiled beforehand, it starts faster. The workers share what pytest
# makes of the tests by way of files, also where Python is told to write none.
test: $(TEST_READY) ## Run all tests
	@$(BIN)/python -m compileall -q bot cogs storage
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto --dist worksteal

faults: $(TEST_READY) ## Run the crash tests with fifty kills instead of five
	HEADCOUNT_TEST_KILLS=50 $(BIN)/python -m pytest -m faults -s

bench: $(TEST_READY) ## Measure speed and size against the goals; figures in .bench/results.json
	@$(BIN)/python -m tests.bench

reference: $(TEST_READY) ## Write the reference in docs/ and README.md from the code
	@$(BIN)/python -m tests.reference

screens: $(TEST_READY) ## Draw the pictures of the screens in docs/; needs chromium
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "simcord[screenshot]==3.2.1"
	@$(BIN)/python -m tests.screens

check: lint types test ## Format check, lint, types, import contract, tests

lint: $(TEST_READY) ## Check format, lint and the import contract
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

types: $(TEST_READY) ## Check types with mypy strict
	$(BIN)/mypy

texts: $(TEST_READY) ## Bring the files of translations up to what the code says
	@$(BIN)/python -m tests.texts

format: $(TEST_READY) ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(TEST_READY) ## Resolve the versions in the lock files anew
	$(BIN)/pip install --quiet uv
	for extra in "" demo test; do \
	  $(BIN)/uv pip compile --quiet --universal --upgrade --generate-hashes --no-header --no-emit-index-url --no-annotate \
	    --python-version 3.11 $${extra:+--extra $$extra} pyproject.toml -o requirements$${extra:+-$$extra}.lock || exit 1; \
	done

clean: ## Remove the virtual environment and all caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .demo .bench

# The stamp comes last: what an interrupted installation left behind is made anew.
$(VENV_READY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Headcount needs Python 3.11 or newer; name one with: make PYTHON=python3.12 …"; exit 2; }
	@$(PYTHON) -m venv --clear $(VENV) \
	  || { echo "Python's venv module is missing; on Debian and Ubuntu: apt install python3-venv"; exit 2; }
	@touch $@

$(RUN_READY): requirements.lock | $(VENV_READY)
	@echo "Installing into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(DEMO_READY): requirements-demo.lock | $(VENV_READY)
	@echo "Installing into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-demo.lock
	@touch $@

$(TEST_READY): requirements-test.lock | $(VENV_READY)
	@echo "Installing into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.lock
	@touch $@
