# `make run` and `make test` install what is missing (Debian packages) and say so. Everything else assumes that one of them has run.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run test bench proto format fuzz coverage tsan asan clean

help: ## Show the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: ## Build, start the server on a made-up market and show what it detects
	@scripts/install-packages.sh run
	@swift build -c release --product penstock
	@"$$(swift build -c release --show-bin-path)/penstock" demo

test: ## All tests: lint, unit tests with coverage, sanitizers, real clients
	@scripts/test.sh

bench: ## Measure a server over loopback: each shape at full speed, then latency
	@scripts/install-packages.sh run
	@scripts/bench.sh

proto: ## Make the code of proto/ again: C, and the Python client's
	@scripts/install-packages.sh test
	@scripts/generate-protos.sh
	@if [ ! -x .venv/bin/python ]; then python3 -m venv .venv; fi
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check -r Tests/Interop/requirements.txt
	@PYTHON=.venv/bin/python clients/python/generate.sh

format: ## Format all Swift sources
	@swift format -i -r Sources Tests Package.swift

fuzz: ## Run each fuzzer for FUZZ_SECONDS (300)
	@scripts/install-packages.sh test
	@scripts/fuzz.sh all "$${FUZZ_SECONDS:-300}"

coverage: ## Line coverage of our targets, from the last test run; fails below 90 %
	@scripts/coverage.sh

tsan: ## Threaded targets under ThreadSanitizer
	@scripts/sanitize.sh thread

asan: ## Targets with C inside under AddressSanitizer
	@scripts/sanitize.sh address

clean: ## Remove everything that was built
	@rm -rf .build .build-* .venv
