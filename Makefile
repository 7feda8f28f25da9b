# Every target sets up what it needs, once; setup/prepare.py says how.
.NOTPARALLEL:
.PHONY: outlines slice help letter test check prove bench wheels lint setup lock locales
.DEFAULT_GOAL := help

python := .venv/bin/python

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

letter: ready-letter ## build the letter in content/china-monitoring into output/, and sign it off with demonstration keys
	@.venv/bin/typesetter build content/china-monitoring
	@.venv/bin/typesetter demonstrate content/china-monitoring

test: lint ## lint, types, layers and all tests but the long ones, the same every time
	@$(python) -m pytest -n 2

check: lint ## the inner loop, under a minute: lint, types, layers and the quick tests that need no other program
	@$(python) -m pytest -n 2 -m "not outside and not long" --quick

prove: lint ## the long suites that test samples, with a new seed; SEED=… repeats one
	@seed=$${SEED:-$$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}; echo "seed: $$seed"; \
	$(python) -m pytest -n 2 -m "long or hypothesis" --hypothesis-profile=prove --seed=$$seed --hypothesis-seed=$$seed \
	  --record docs/proof.md

# Without tests/hostile, which goes by the clock: another machine may be slower or busier.
slice: ready-test ## as much of prove as MINUTES have room for (10), drawn by the commit
	@seed=$$(printf %d 0x$$(git rev-parse --short=7 HEAD)); echo "seed: $$seed"; \
	$(python) -m pytest -n 2 -m "long or hypothesis" --ignore=tests/hostile --hypothesis-profile=prove \
	  --seed=$$seed --hypothesis-seed=$$seed \
	  --minutes=$${MINUTES:-10}

bench: ready-bench ## our cold builds beside those of others
	@$(python) -m benchmarks

wheels: ready-letter ## make the three wheels in dist/: the verifier, the faces, and everything else
	@for tree in distributions/verify distributions/faces .; do \
	  (cd $$tree && $(CURDIR)/$(python) -m hatchling build --target wheel --directory $(CURDIR)/dist) || exit 1; \
	done

lint: ready-test ## ruff, mypy and the layers of the imports
	@$(python) -m ruff check
	@$(python) -m ruff format --check
	@$(python) -m mypy
	@.venv/bin/lint-imports --no-logo

setup: ready-letter ready-test ## set up everything that letter and test need

lock: ready-lock ## resolve the dependencies of pyproject.toml into requirements/; UPGRADE=1 takes newer ones
	@setup/lock $(if $(UPGRADE),--upgrade)

locales: ready-test ## write what each language has from CLDR (locales/*/cldr.toml), as Babel has it today
	@$(python) setup/locales.py

outlines: ready-test ## write what the characters of our faces look like (src/typeset/verification/outlines.bin)
	@$(python) setup/outlines.py

ready-%:
	@python=$$(setup/python) && "$$python" setup/prepare.py $*
