# Two commands: `make demo` grades a real submission, `make test` runs every test.
PYTHON ?= python3
VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif

.PHONY: demo test lint fast bench audit clean

demo: $(VENV)/.ready
	@$(BIN)/grader check hw3 examples/hw3_partly_wrong --exit-zero
	@echo
	@echo "To have the command grader in this shell:  . $(BIN)/activate"

test: lint
	$(BIN)/python -m pytest -n 2 --dist loadfile

fast: lint
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow"

lint: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.ready
	$(BIN)/python -m benchmarks

# the whole audit of all homeworks; `make test` takes a sample of it
audit: $(VENV)/.ready
	$(BIN)/grader audit --all

# torch comes from the index as it is: the CUDA build on Linux, 5.4 GB, about 80 s
$(VENV)/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12 ..."; exit 2; }
	@echo "Setting up $(VENV) ..."
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "Python's venv is missing; on Debian: apt-get install python3-venv"; exit 2; }
	@echo "Installing into $(VENV): some 5 GB, a few minutes the first time, since torch is large."
	@$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
