# Everything runs in .venv, made from requirements.lock on first use.
PYTHON ?= python3
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest --dist worksteal

# Tests start the bot some two hundred times: where nothing compiled is kept, each start compiles it anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run quick test prove check bench soak lock clean
.DEFAULT_GOAL := run

run: .venv/ready
	@$(BIN)/readiness run

# Of the tests, by the markers that pyproject.toml explains: what is neither slow nor left to prove …
quick: .venv/ready
	$(PYTEST) -n 2 -m "not slow and not prove" --hypothesis-profile=quick

# … all but what is left to prove. More at a time than a small machine has cores, since some of them wait …
test: .venv/ready
	$(PYTEST) -n 3 -m "not prove"
	@echo "Left to make prove: bots that are killed, browsers, LibreOffice and Poppler, scans of memory, many examples."

# … and the rest, with every property again, on ten times the examples.
prove: .venv/ready
	$(PYTEST) -n 3 -m "prove or hypothesis" --hypothesis-profile=prove --nothing-skipped

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
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Setting up .venv (once)…"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info
