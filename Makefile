# Each target is one line of what it does; anything with an "if" in it is a test or a subcommand.
.DEFAULT_GOAL := help
.PHONY: help demo run check test bench bench-quick bench-kafka check-cost torture-disk torture-kafka torture-kill torture-power \
	torture-replay simulate kafka-up kafka-down \
	fuzz conformance advisories tools

DATA ?= rollcall-data
ARGS ?=
KAFKA ?=
ONLY ?=
KEEP ?=
TOOLS := .tools
CARGO_DENY := $(TOOLS)/bin/cargo-deny
FUZZ_TIME ?= 60s
CARGO_BOLERO = $(TOOLS)/bin/cargo-bolero bolero test --sanitizer NONE -T $(FUZZ_TIME) -E="-timeout=1 -rss_limit_mb=256"

help: ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 24

demo: ## Play Entra ID and Okta against a gateway, kill -9, show that nothing is gone (KEEP=--keep leaves it running)
	cargo build --locked --package server
	target/debug/rollcall demo $(KEEP)

run: ## Run a gateway on ./rollcall-data (DATA=DIR for another place, ARGS for more flags)
	cargo build --locked --release --package server
	target/release/rollcall serve --data $(DATA) --log-format text $(ARGS)

test: ## All tests
	cargo test --locked --workspace

bench: ## Figures against floors, for docs/PERFORMANCE.md (ten minutes; ONLY=floors,growth,members,tenants,scans,alone,idle,start,disk,upkeep,rebuild)
	cargo build --locked --release --package server --package bench
	cd target && release/bench run $(ONLY:%=--only %)

bench-quick: ## The same with smaller slices and populations: under three minutes
	cargo build --locked --release --package server --package bench
	cd target && release/bench run --quick $(ONLY:%=--only %)

bench-kafka: ## P13: a backlog to a real Kafka, with and without writers beside it, and the lag in steady state (five minutes)
	cargo build --locked --release --package server
	ROLLCALL_TEST_BINARY=$(CURDIR)/target/release/rollcall ROLLCALL_KAFKA_FIGURES=1 \
		cargo test --locked --workspace --test it kafka::figures -- --nocapture

check-cost: ## Instructions of five hot paths, by callgrind, against the limits in crates/bench/cost.json
	cargo build --locked --release --package bench
	target/release/bench cost

torture-disk: ## Bit rot (ROLLCALL_DAMAGE_ROUNDS=1000, over HTTP ROLLCALL_ROT_ROUNDS=1000), a full and a broken disk (root: tmpfs and a loop device are mounted)
	ROLLCALL_DAMAGE_ROUNDS=$${ROLLCALL_DAMAGE_ROUNDS:-1000} cargo test --locked --workspace --test it damage
	ROLLCALL_ROT_ROUNDS=$${ROLLCALL_ROT_ROUNDS:-1000} cargo test --locked --workspace --test it rot:: -- --nocapture
	cargo test --locked --workspace --features tests/torture --test it full_disk -- --nocapture

torture-kill: ## Deaths at each named point of commit, rotation and sealing, then kill -9 (ROLLCALL_KILL_ROUNDS=60; 1000 is the campaign)
	cargo test --locked --workspace --features store/torture --test kill
	cargo test --locked --workspace --test it kill

torture-kafka: ## Twenty deaths of the gateway, five of the broker, a minute without it, and one of three brokers at a time
	cargo build --locked --release --package server
	ROLLCALL_TEST_BINARY=$(CURDIR)/target/release/rollcall ROLLCALL_KAFKA_KILLS=$${ROLLCALL_KAFKA_KILLS:-20} \
		ROLLCALL_KAFKA_OUTAGE_S=$${ROLLCALL_KAFKA_OUTAGE_S:-65} \
		cargo test --locked --workspace --test it kafka::outage -- --nocapture --test-threads 1

torture-power: ## Power cuts under load on loop devices (root; ROLLCALL_POWER_ROUNDS=10)
	python3 crates/store/tests/power_cut.py $${ROLLCALL_POWER_ROUNDS:-10}
	cargo test --locked --workspace --features tests/torture --test it power -- --nocapture

torture-replay: ## Power cuts without root: a recorded life, replayed torn and reordered (ROLLCALL_TRACE_CUTS=1000)
	ROLLCALL_TRACE_CUTS=$${ROLLCALL_TRACE_CUTS:-1000} cargo test --locked --workspace --test trace

simulate: ## Short lives of the log in memory, from seeds (ROLLCALL_SIM_SEEDS=100000; ROLLCALL_SIM_SEED=n plays one again)
	ROLLCALL_SIM_SEEDS=$${ROLLCALL_SIM_SEEDS:-100000} cargo test --locked --workspace --test it simulation

kafka-up: ## A real Kafka on loopback, by Maven: 127.0.0.1:9092 (KAFKA="--nodes 3" for three)
	python3 tests/kafka/broker.py up --port 9092 $(KAFKA)

kafka-down: ## Stops it and removes its data
	python3 tests/kafka/broker.py down

fuzz: ## Eight targets by libFuzzer, a minute each (FUZZ_TIME=60s; stable Rust): no crash, nothing over 1 s or 256 MiB
	cargo install --quiet --locked --root $(TOOLS) cargo-bolero@0.13.5
	for target in filter path patch body bulk parameters; do $(CARGO_BOLERO) -p scim fuzz::$$target || exit 1; done
	for target in query_string cursor; do $(CARGO_BOLERO) -p ingress tests::fuzz::$$target || exit 1; done

conformance: ## Two suites of others, installed from PyPI, against a gateway of its own
	cargo build --locked --package server
	python3 tests/conformance.py target/debug/rollcall $(TOOLS)/conformance

check: tools ## Format, lints, docs, licences, sources
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps
	$(CARGO_DENY) --locked check bans licenses sources

advisories: tools ## Known vulnerabilities of dependencies (needs network)
	$(CARGO_DENY) --locked check advisories

tools: ## The tools that check needs, into ./.tools
	cargo install --quiet --locked --root $(TOOLS) cargo-deny@0.20.2
