# Everything runs in .venv, made from requirements.lock on first use.
PYTHON ?= python3
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest --dist worksteal
NEW := import sys; print(sys.version_info >= (3, 11))
WHICH := import sys; print(sys.version_info[:2])

# Where nothing compiled is kept, every bot that a test starts compiles itself and its libraries anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run quick test prove check bench soak lock clean
.DEFAULT_GOAL := run

run: .venv/ready
	@$(BIN)/readiness run

# Three sets of tests, by the markers that pyproject.toml explains. For while one works, in a minute on two cores:
quick: .venv/ready
	$(PYTEST) -n 2 -m "not slow and not prove" --hypothesis-profile=quick

# Whatever is promised, in five minutes. Three at a time, since some wait:
test: .venv/ready
	$(PYTEST) -n 3 -m "not prove"
	@echo "Left to make prove: bots that are killed, browsers, LibreOffice and Poppler, scans of memory, many examples."

# The rest, and every property on four times the examples, in forty minutes. Nothing may be missing here:
prove: .venv/ready
	$(PYTEST) -n 3 -m "prove or hypothesis" --hypothesis-profile=prove --nothing-skipped

check: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/readiness lint
	$(BIN)/readiness check

# make bench WRITE=docs/develop/figures.md puts the table there, too.
bench: .venv/ready
	$(BIN)/python -m tests.bench $(if $(WRITE),--write $(WRITE))

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
	rm -rf .venv .import_linter_cache .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info
