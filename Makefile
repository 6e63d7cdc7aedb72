# `make` alone lists the commands. The work is done by the scripts of the same names in scripts/.
.PHONY: help run test test-fast bench mutants check
.DEFAULT_GOAL := help

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Install what is missing, build, and start the demo (ARGS='--listen 127.0.0.1:8080')
	@scripts/run $(ARGS)

test: ## Install what is missing, and run every test
	@scripts/test

test-fast: ## Run the tests that need nothing but the toolchain
	@scripts/test-fast

bench: ## Measure Portico beside its peers (ARGS='--rows 1,6 --rounds 3')
	@scripts/bench $(ARGS)

mutants: ## Change each condition of the pure rules and see that a test fails (ARGS=DesiredAccess)
	@scripts/mutants $(ARGS)

check: ## Check format, warnings, imports, dependencies and house rules
	@scripts/check
