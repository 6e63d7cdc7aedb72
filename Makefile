# `make` alone lists what there is. The work is done by scripts/.
.DEFAULT_GOAL := help
.PHONY: help run test test-fast bench check

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## install what is missing, build, and start a complete demo (ARGS="--listen 127.0.0.1:8080 --data DIR")
	@scripts/run $(ARGS)

test: ## install what is missing, and run every test
	@scripts/test

test-fast: ## the tests that need nothing but the toolchain and the C libraries
	@scripts/test-fast

bench: ## measure Portico beside its peers; ARGS="--rows 1,6 --seconds 2" for less
	@scripts/bench $(ARGS)

check: ## formatting, warnings, imports, documentation, dependencies
	@scripts/check
