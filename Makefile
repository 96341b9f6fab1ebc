# Everything a newcomer or CI needs; `make` alone lists it. Nothing else has to be installed by hand.
SHELL := /bin/bash
PYTHON ?= python3
UV_VERSION := 0.13.8
BIN := .venv/bin
READY := .venv/.ready
DATA ?= $(if $(wildcard ../shared/data),$(abspath ../shared/data))
export LINESIDE_EXTERNAL_DATA ?= $(DATA)
PACKAGES := $(sort $(dir $(wildcard libs/*/pyproject.toml services/*/pyproject.toml)))
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup demo up test check format lint types imports deps bench schemas lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(READY): requirements.lock $(wildcard libs/*/pyproject.toml services/*/pyproject.toml)
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/uv --version 2>/dev/null | grep -q ' $(UV_VERSION)' || $(BIN)/pip install -q --disable-pip-version-check uv==$(UV_VERSION)
	@$(BIN)/uv pip install -q --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation $(addprefix -e ,$(PACKAGES))
	@touch $@

setup: $(READY) ## create .venv from requirements.lock

demo: $(READY) ## run the whole system with a printing plant and show orders becoming work
	@$(BIN)/lineside demo

up: $(READY) ## run the whole system until Ctrl-C
	@$(BIN)/lineside up

test: $(READY) ## run every test on real PostgreSQL and NATS
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist=worksteal $(ARGS)

check: format lint types imports deps test ## what CI runs

format: $(READY)
	@$(BIN)/ruff format --check -q .
lint: $(READY)
	@$(BIN)/ruff check -q .
types: $(READY)
	@$(BIN)/mypy
imports: $(READY)
	@$(BIN)/lint-imports --no-cache
deps: $(READY)
	@for package in $(PACKAGES); do (cd $$package && ../../$(BIN)/deptry --no-ansi src 2>&1 | grep -v '^Scanning\|^Assuming\|^Success\|^$$'; exit $${PIPESTATUS[0]}) || exit 1; done

bench: $(READY) ## measure the chain on the running stack, next to the floor
	@$(BIN)/python -m benchmarks.chain $(ARGS)

schemas: $(READY) ## regenerate JSON Schemas, AsyncAPI and docs/events.md
	@$(BIN)/python -m lineside_contracts.documents

lock: ## compile requirements.lock with hashes from the pyproject files
	@$(BIN)/uv lock -q --upgrade && $(BIN)/uv export -q --format requirements-txt --all-packages --all-groups --no-emit-workspace --no-header -o requirements.lock >/dev/null

clean: ## remove everything that was made here
	@rm -rf .venv .lineside .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache uv.lock
