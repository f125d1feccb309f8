# Each target is one line of what it does; anything with an "if" in it is a test or a subcommand.
.DEFAULT_GOAL := help
.PHONY: help demo run check test advisories tools

DATA ?= rollcall-data
ARGS ?=
KEEP ?=
TOOLS := .tools
CARGO_DENY := $(TOOLS)/bin/cargo-deny

help: ## This list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 20

demo: ## Play Entra ID and Okta against a gateway, kill -9, show that nothing is gone (KEEP=--keep leaves it running)
	cargo build --locked --package server
	target/debug/rollcall demo $(KEEP)

run: ## Run a gateway on ./rollcall-data (DATA=DIR for another place, ARGS for more flags)
	cargo build --locked --release --package server
	target/release/rollcall serve --data $(DATA) --log-format text $(ARGS)

test: ## All tests
	cargo test --locked --workspace

check: tools ## Format, lints, docs, licences, sources
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps
	$(CARGO_DENY) --locked check bans licenses sources

advisories: tools ## Known vulnerabilities of dependencies (needs network)
	$(CARGO_DENY) --locked check advisories

tools: ## The tools that check needs, into ./.tools
	cargo install --quiet --locked --root $(TOOLS) cargo-deny@0.20.2
