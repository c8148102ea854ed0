# Everything runs in .venv, made from requirements.lock on first use.
PYTHON ?= python3
BIN := .venv/bin
NEW := import sys; print(sys.version_info >= (3, 11))
WHICH := import sys; print(sys.version_info[:2])

.PHONY: run test check bench soak lock clean
.DEFAULT_GOAL := run

run: .venv/ready
	@$(BIN)/readiness run

test: .venv/ready
	$(BIN)/python -m pytest -n 3 --dist worksteal

check: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/readiness lint

bench: .venv/ready
	$(BIN)/python -m tests.bench

soak: .venv/ready
	$(BIN)/python -m tests.soak

lock:
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --generate-hashes --no-header -o requirements.lock

.venv/ready: requirements.lock pyproject.toml
	@$(if $(shell $(PYTHON) -c '$(NEW)' 2>&1 | grep True),,$(error This needs Python 3.11 or newer, and $(PYTHON) is not: make PYTHON=python3.11 run))
	@test "$$($(PYTHON) -c '$(WHICH)')" = "$$($(BIN)/python -c '$(WHICH)' 2>&1)" || $(PYTHON) -m venv --clear .venv
	@echo "Setting up .venv (once)…"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info
