# Everything runs in .venv, made from requirements.lock on first use.
PYTHON ?= python3
BIN := .venv/bin

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

# make bench WRITE=README.md puts the table there, too.
bench: .venv/ready
	$(BIN)/python -m tests.bench $(if $(WRITE),--write $(WRITE))

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
