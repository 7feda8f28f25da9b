# Every target sets up what it needs, once; setup/prepare.py says how.
.NOTPARALLEL:
.PHONY: help letter test check prove bench lint setup lock
.DEFAULT_GOAL := help

python := .venv/bin/python
prepare = @python=$$(setup/python) && "$$python" setup/prepare.py

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

letter: ## build the letter in content/china-monitoring into output/
	$(prepare) letter
	@.venv/bin/typeset build content/china-monitoring

test: ## lint, types, layers and all tests, the long ones sampled with a fixed seed
	$(prepare) test
	@$(MAKE) --no-print-directory lint
	@$(python) -m pytest -n 2

check: ## the inner loop: lint, types, layers and the tests that need no other program
	$(prepare) test
	@$(MAKE) --no-print-directory lint
	@$(python) -m pytest -n 2 -m "not outside and not long"

prove: ## everything, at length and with a new seed; SEED=… repeats one
	$(prepare) test
	@$(MAKE) --no-print-directory lint
	@seed=$${SEED:-$$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}; echo "seed: $$seed"; \
	$(python) -m pytest -n 2 -m "long or not long" --hypothesis-profile=prove --seed=$$seed --hypothesis-seed=$$seed

bench: ## our cold builds beside those of others
	$(prepare) bench
	@$(python) -m benchmarks

lint:
	@$(python) -m ruff check
	@$(python) -m ruff format --check
	@$(python) -m mypy
	@.venv/bin/lint-imports

setup: ## set up everything that letter and test need
	$(prepare) letter
	$(prepare) test

lock: ## resolve the dependencies of pyproject.toml into requirements/; UPGRADE=1 takes newer ones
	$(prepare) lock
	@setup/lock $(if $(UPGRADE),--upgrade)
