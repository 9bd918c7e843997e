# Two commands for everyone: `make demo` shows the main job, `make test` proves it. Each sets itself up.
PYTHON ?= python3.11
VENV ?= .venv
BIN := $(VENV)/bin
EXTRAS := demo,fast,parquet,postgres,s3
JOBS ?= 2
TEST := $(BIN)/python -m pytest -n $(JOBS)

.PHONY: demo test test-torch test-peers kill-loop lint check format clean
.DEFAULT_GOAL := check

$(VENV)/.demo: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable ".[demo]"
	@touch $@

$(VENV)/.test: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[$(EXTRAS)]" --group dev
	@touch $@

demo: $(VENV)/.demo  ## a real pool, a real server, two strategies against random
	$(BIN)/python -m examples.demo

test: $(VENV)/.test  ## every test that needs neither torch nor other packages
	$(TEST) -m "not torch and not peers" $(ARGS)

lint: $(VENV)/.test  ## style, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test  ## all that a change must pass

# Torch as an engine, and the converted models against their torch originals, in an environment of its own: torch is
# large. What depends on it is added without its own needs, which could bring another torch.
TORCH_LIBRARIES := efficientnet-lite-pytorch==0.1.0 sentence-transformers timm torchvision==0.28.0
$(VENV)-torch/.test: pyproject.toml
	@test -x $(VENV)-torch/bin/python || $(PYTHON) -m venv $(VENV)-torch
	$(VENV)-torch/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	$(VENV)-torch/bin/python -m pip install --quiet --constraint constraints.txt --editable ".[$(EXTRAS)]" --group test --group torch
	$(VENV)-torch/bin/python -m pip install --quiet --constraint constraints.txt --no-deps $(TORCH_LIBRARIES)
	@touch $@

test-torch: $(VENV)-torch/.test  ## torch as an engine, its models, equality with the originals
	$(VENV)-torch/bin/python -m pytest -m torch $(ARGS)

# Our strategies against other packages', on the same arrays.
$(VENV)-peers/.test: pyproject.toml
	@test -x $(VENV)-peers/bin/python || $(PYTHON) -m venv $(VENV)-peers
	$(VENV)-peers/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	$(VENV)-peers/bin/python -m pip install --quiet --constraint constraints.txt --editable . --group test --group peers
	@touch $@

test-peers: $(VENV)-peers/.test  ## the same picks, or the same objective, as other packages
	$(VENV)-peers/bin/python -m pytest -m peers $(ARGS)

# Server, worker and database are killed again and again; ends with an error if anything acknowledged is lost.
KILLS ?= 200
kill-loop: $(VENV)/.test  ## what survives kill -9, on both stores
	$(BIN)/python tests/durability/kill_loop.py --kills $(KILLS) --store sqlite
	$(BIN)/python tests/durability/kill_loop.py --kills $(KILLS) --store postgresql

format: $(VENV)/.test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) $(VENV)-torch $(VENV)-peers build dist demo-output
