# `make` lists the commands. Each runs the script of the same name in scripts/.
.PHONY: help run test test-fast bench mutants check
.DEFAULT_GOAL := help

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Install missing packages, build, and start the demo (ARGS='--listen 127.0.0.1:8080')
	@scripts/run $(ARGS)

test: ## Install missing packages, and run all tests
	@scripts/test

test-fast: ## Run the Swift tests only
	@scripts/test-fast

bench: ## Compare Portico with its peers (ARGS='--rows 1,6 --rounds 3')
	@scripts/bench $(ARGS)

mutants: ## Change each condition of the pure rules and see that a test fails (ARGS=DesiredAccess)
	@scripts/mutants $(ARGS)

check: ## Check format, warnings, imports, dependencies and house rules
	@scripts/check
