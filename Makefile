# Hutong. `make help` lists the targets; ARGS goes to the command that a target runs, e.g. make demo ARGS=--once

SHELL := /bin/bash
PYTHON := .venv/bin/python
PACKAGES := standards metadata directory exchange pipelines hutong
CODE := $(PACKAGES) tests benchmarks
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test properties fuzz bar-faults lint format bench lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## the main job on a demo city, then its pages until Ctrl-C (ARGS="--once --report out.json")
	@deploy/environment.sh runtime
	@.venv/bin/hutong demo $(ARGS)

test: lint ## lint, then all tests (ARGS="tests/exchange -k seal")
	@deploy/environment.sh browser
	@$(PYTHON) -m pytest --numprocesses logical --maxprocesses 4 --dist loadscope --no-loadscope-reorder $(ARGS)

properties: ## what must hold for every value, with new ones (HUTONG_EXAMPLES=10 times as many; HUTONG_SEED; ARGS=tests/x)
	@deploy/environment.sh development
	@seed=$${HUTONG_SEED:-$$RANDOM}; echo "HUTONG_SEED=$$seed"; HUTONG_EXAMPLES=$${HUTONG_EXAMPLES:-10} \
	  $(PYTHON) -m pytest -m hypothesis --timeout 5000 --hypothesis-seed $$seed \
	  --numprocesses logical --maxprocesses 4 --dist loadscope $(ARGS)

fuzz: ## the API and pages with many more odd inputs (ARGS="-k openapi"; HUTONG_FUZZ=200 examples an operation)
	@deploy/environment.sh development
	@HUTONG_FUZZ=$${HUTONG_FUZZ:-50} $(PYTHON) -m pytest -s --timeout 5000 tests/directory/hostile \
	  tests/directory/access/test_stateful.py $(ARGS)

bar-faults: ## kills, failing system calls, lies and a model, up to 85 min (HUTONG_KILLS, _SWEEP, _SWEEP_DONE, _SEED)
	@deploy/environment.sh development
	@HUTONG_KILLS=$${HUTONG_KILLS:-1000} HUTONG_SWEEP=$${HUTONG_SWEEP:-3000} HUTONG_HOSTILE=all HUTONG_EXAMPLES=1 \
	  HUTONG_SEALS=10000 HUTONG_READ_ROWS=200000 HUTONG_SCHEDULER=1 HUTONG_BENCHMARKS=1 \
	  HUTONG_MODEL_EXAMPLES=$${HUTONG_MODEL_EXAMPLES:-100} $(PYTHON) -m pytest -s --timeout 5000 \
	  tests/campaigns tests/exchange/hostile tests/exchange/test_model.py \
	  tests/exchange/faults/test_seal_and_store.py::test_f14_no_key_is_drawn_twice tests/pipelines/test_killed.py \
	  tests/exchange/faults/test_merge.py::test_f45_somebody_reads_all_the_time \
	  tests/benchmarks $(ARGS)

lint: ## style, types and the direction of imports
	@deploy/environment.sh development
	@.venv/bin/ruff check --quiet $(CODE)
	@.venv/bin/ruff format --check --quiet $(CODE) || { .venv/bin/ruff format --check $(CODE); exit 1; }
	@$(PYTHON) -m mypy
	@.venv/bin/lint-imports

format: ## put the code into the house's layout
	@deploy/environment.sh development
	@.venv/bin/ruff check --quiet --fix $(CODE) || true
	@.venv/bin/ruff format $(CODE)

bench: ## the benchmarks, as ratios (ARGS=name)
	@deploy/environment.sh runtime
	@.venv/bin/hutong bench $(ARGS)

lock: ## resolve the dependencies anew into requirements*.lock (needs uv)
	@deploy/lock.sh

clean: ## remove the environment and what tools left; HUTONG_HOME stays
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +
