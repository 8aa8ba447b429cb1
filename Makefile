# Commands for Linux and macOS; docs/operators.md has the same ones for Windows and for uv.
# Written for make 3.81, which macOS carries.

# The first Python of 3.11 or newer; PYTHON=/path/to/python chooses another.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PORT ?= 8000

BIN = .venv/bin
INSTALL = $(BIN)/python -m pip install --quiet --no-input --disable-pip-version-check \
	--no-compile --only-binary :all: --require-hashes
COMPILE = uv pip compile --quiet --universal --python-version 3.11 --upgrade \
	--generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links

.PHONY: help demo test e2e check bench growth load fleet faults lock clean

help:
	@echo 'make demo    install, load the lessons and a demo class, serve on http://127.0.0.1:8000'
	@echo '             (PORT=8080 changes the port; run again, it keeps all work)'
	@echo 'make test    every test: SQLite, PostgreSQL where found, the browser where found'
	@echo 'make e2e     the browser tests alone'
	@echo 'make check   lint, format, types, templates, imports, migrations, deployment, content'
	@echo 'make bench   how fast the pages are on this machine'
	@echo 'make growth  whether any page slows down as others work (half an hour)'
	@echo 'make load    a class period, a district morning and a soak (seven minutes; SOAK=3600 an hour)'
	@echo 'make fleet   two servers behind nginx, one killed and both upgraded under load (as root)'
	@echo 'make faults  an hour of killing, crowding and fuzzing, on SQLite and on PostgreSQL'
	@echo 'make lock    choose new versions of all dependencies (needs uv)'
	@echo 'make clean   remove .venv and caches; the data in var/ stays'

# --- What is installed: nothing is done again until a lock file changes -----------------------

.venv/bin/python:
	@if [ -z "$(PYTHON)" ]; then echo 'Python 3.11 or newer is needed.' >&2; exit 1; fi
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo 'This Python has no venv module. On Debian and Ubuntu: apt install python3-venv' >&2; exit 1; }
	@$(PYTHON) -m venv .venv

.venv/runtime.stamp: requirements/runtime.lock | .venv/bin/python
	@echo 'Installing what the site needs into .venv ...'
	@$(INSTALL) -r requirements/runtime.lock
	@touch $@

.venv/dev.stamp: requirements/dev.lock | .venv/bin/python
	@echo 'Installing what the tests and checks need into .venv ...'
	@$(INSTALL) -r requirements/dev.lock
	@touch $@ .venv/runtime.stamp

.venv/load.stamp: requirements/load.lock | .venv/bin/python
	@echo 'Installing locust into .venv ...'
	@$(INSTALL) -r requirements/load.lock || { \
		echo 'make load needs locust, and not all of it is ready-made for this machine (see above).' >&2; \
		echo 'It is for CPython on Linux and macOS. All other commands work without it.' >&2; exit 1; }
	@touch $@

# --- Commands ---------------------------------------------------------------------------------

demo: .venv/runtime.stamp
	@exec $(BIN)/python manage.py demo --port $(PORT)

test: .venv/dev.stamp
	@exec $(BIN)/python -m tests.run

e2e: .venv/dev.stamp
	@exec $(BIN)/python -m tests.run e2e

bench: .venv/dev.stamp
	@exec $(BIN)/python -m tests.bench

growth: .venv/dev.stamp
	@exec $(BIN)/python -m tests.bench.growth

# As root, where nginx, PostgreSQL and Redis (or Valkey) are installed.
fleet: .venv/dev.stamp
	@exec $(BIN)/python -m tests.faults.fleet

load: .venv/dev.stamp .venv/load.stamp
	@exec $(BIN)/python -m tests.load

faults: .venv/dev.stamp
	KILLS=100 ROUNDS=20 FUZZ=20000 $(BIN)/python -m pytest -n 2 tests/faults tests/attacks
	KILLS=100 ROUNDS=20 FUZZ=20000 $(BIN)/python -m tests.postgres -- \
		$(BIN)/python -m pytest -n 2 tests/faults tests/attacks

# `check --deploy` sees the settings of a real site, with values that are thrown away, and
# `check_content` reads the fixtures in a database that is thrown away.
check: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	find templates -name '*.html' -exec $(BIN)/djade --check --target-version 5.2 {} +
	$(BIN)/lint-imports --no-logo
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py check --fail-level WARNING
	@echo 'manage.py check --deploy'
	@data=$$(mktemp -d) && trap 'rm -rf "$$data"' EXIT && \
	ENVIRONMENT=production ALLOWED_HOSTS=lessons.example DATA_DIR="$$data" \
	SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))') \
	$(BIN)/python manage.py check --deploy --fail-level WARNING
	@echo 'manage.py check_content'
	@data=$$(mktemp -d) && trap 'rm -rf "$$data"' EXIT && \
	export ENVIRONMENT=development DATA_DIR="$$data" DATABASE_URL= && \
	$(BIN)/python manage.py migrate --verbosity 0 && \
	$(BIN)/python manage.py load_content --verbosity 0 && \
	$(BIN)/python manage.py check_content

lock:
	@command -v uv >/dev/null || { echo 'uv is needed for this: python3 -m pip install uv' >&2; exit 1; }
	$(COMPILE) pyproject.toml -o requirements/runtime.lock
	$(COMPILE) pyproject.toml --extra postgres --extra cache -c requirements/runtime.lock -o requirements/postgres.lock
	$(COMPILE) pyproject.toml --extra postgres --extra cache --group dev -c requirements/postgres.lock -o requirements/dev.lock
	$(COMPILE) --group load -c requirements/dev.lock -o requirements/load.lock

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
