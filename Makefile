# `make` alone lists what there is. Stamps in .stamps/ remember what is installed: a second call is free.

PYTHON ?= python3
TEST_WORKERS ?= 2
TESTS ?= tests
WORLD ?= small
RUN := .venv/bin/python
# The static checks need Django's settings, but neither a secret of their own nor a running server.
CHECK := SECRET_KEY=only-for-checks $(RUN) -W "ignore:Got an error checking a consistent migration history"

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help up test test-all check bench openapi lock clean
.PHONY: check-style check-format check-types check-imports check-migrations check-openapi check-deploy

help: ## list what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

up: .stamps/run ## run everything, in the foreground; HOST, PORT, DATA_DIR and more: docs/config.md
	@exec $(RUN) manage.py up

test: .stamps/dev .stamps/tus ## run the tests (TESTS=path, TEST_WORKERS=2, PYTEST_ARGS=…)
	@$(RUN) -m pytest -n $(TEST_WORKERS) -m "not long" $(PYTEST_ARGS) $(TESTS)

test-all: .stamps/dev .stamps/tus ## run the tests, the slow ones too
	@$(RUN) -m pytest -n $(TEST_WORKERS) $(PYTEST_ARGS) $(TESTS)

check: check-style check-format check-types check-imports check-migrations check-openapi check-deploy ## run the static checks
	@echo "All checks passed."

bench: .stamps/dev ## measure the cost per request; writes docs/benchmarks.md (WORLD=surge: at 2.5 million accounts)
	@$(RUN) -m tests.benchmarks --world $(WORLD)
	@test "$(WORLD)" != surge || $(RUN) -m tests.benchmarks.clock
	@$(RUN) -m tests.benchmarks.viral
	@$(RUN) -m tests.benchmarks.discover
	@$(RUN) -m tests.benchmarks.search
	@$(RUN) -m tests.benchmarks.media
	@$(RUN) -m tests.benchmarks.moderation

openapi: .stamps/dev ## write docs/openapi.yaml anew
	@$(CHECK) manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml

lock: .stamps/dev ## pin the dependencies anew (UPGRADE=--upgrade takes the newest)
	@$(RUN) -m uv pip compile -q $(UPGRADE) --generate-hashes --no-emit-index-url --python-version 3.11 \
		--universal pyproject.toml -o requirements.lock
	@$(RUN) -m uv pip compile -q $(UPGRADE) --generate-hashes --no-emit-index-url --python-version 3.11 \
		--universal --extra dev pyproject.toml -c requirements.lock -o requirements-dev.lock

clean: ## remove what was installed or cached; data in var/ stay
	rm -rf .venv .stamps .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis staticfiles
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

check-style: .stamps/dev
	@echo "ruff check"
	@$(RUN) -m ruff check --quiet .

check-format: .stamps/dev
	@echo "ruff format"
	@$(RUN) -m ruff format --quiet --diff .

check-types: .stamps/dev
	@echo "mypy"
	@$(CHECK) -m mypy --no-error-summary

check-imports: .stamps/dev
	@echo "import contracts"
	@$(CHECK) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'

check-migrations: .stamps/dev
	@echo "migrations: complete, and in line"
	@$(CHECK) manage.py makemigrations --check --dry-run --verbosity 1
	@$(CHECK) manage.py check --fail-level WARNING

check-openapi: .stamps/dev
	@echo "API schema"
	@$(CHECK) manage.py spectacular --validate --fail-on-warn --file .stamps/openapi.yaml
	@diff -u docs/openapi.yaml .stamps/openapi.yaml || { echo "docs/openapi.yaml is out of date; run: make openapi"; exit 1; }

check-deploy: .stamps/dev
	@echo "deployment files"
	@$(RUN) deploy/lint.py

# --- what is installed ------------------------------------------------------------------------------

.stamps/venv:
	@command -v "$(PYTHON)" >/dev/null 2>&1 || { \
		echo "$(PYTHON) was not found; UpScrolled needs Python 3.11 or newer (PYTHON=/path/to/python make up)."; \
		exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "$$("$(PYTHON)" --version 2>&1) is too old; UpScrolled needs Python 3.11 or newer (PYTHON=/path/to/python make up)."; \
		exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "Python's venv module is missing; install it (on Debian and Ubuntu: apt install python3-venv) and try again."; \
		exit 1; }
	@mkdir -p .stamps
	@.venv/bin/python -m pip --version >/dev/null 2>&1 || { rm -rf .venv && "$(PYTHON)" -m venv .venv; }
	@touch $@

.stamps/run: requirements.lock .stamps/venv
	@echo "Installing what UpScrolled needs into .venv (once; about a minute plus download) …"
	@$(RUN) -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

.stamps/dev: requirements-dev.lock requirements.lock .stamps/venv
	@echo "Installing what the tests and checks need into .venv (once; about a minute plus download) …"
	@$(RUN) -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch .stamps/run $@

# The client of resumable uploads that its protocol's authors wrote is JavaScript. Without it one journey is skipped.
.stamps/tus: tests/journeys/tus/package-lock.json
	@mkdir -p .stamps
	@if command -v npm >/dev/null 2>&1; then \
		npm ci --prefix tests/journeys/tus --no-audit --no-fund --silent && touch $@ || \
		echo "tus-js-client could not be installed; its journey is skipped."; \
	fi
