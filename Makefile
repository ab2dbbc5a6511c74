# Xunke. `make help` lists what there is.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

FUZZTIME ?= 20s
FOR ?= 30m
SEED ?=
BENCHTIME ?= 1s
BENCH ?=
CLOCK ?=
REPEAT ?= 5
PACKAGES ?=
export FUZZTIME FOR SEED BENCHTIME BENCH CLOCK REPEAT PACKAGES

##@ Run it

.PHONY: up
up: ## start everything, load the demo catalogue, wait until the site answers
	@docker/stack.sh up

.PHONY: restart
restart: ## start API and indexer again, refusing nobody
	@docker/stack.sh restart

.PHONY: down
down: ## stop everything; the data stays
	@docker/stack.sh down

.PHONY: ps
ps: ## list the processes with pids and addresses
	@docker/stack.sh ps

.PHONY: logs
logs: ## show the logs (FOLLOW=1 to keep showing)
	@docker/stack.sh logs $(if $(FOLLOW),--follow)

.PHONY: reset
reset: ## stop everything and delete the data (YES=1: without asking)
	@YES=$(YES) docker/stack.sh reset

.PHONY: mysql
mysql: ## open a MySQL shell; statements on standard input work too
	@docker/stack.sh mysql

.PHONY: redis
redis: ## open a Redis shell; commands on standard input work too
	@docker/stack.sh redis

##@ Build it

.PHONY: build
build: ## build bin/xunke
	@docker/build.sh

.PHONY: release
release: ## programs, bill of materials, licences and checksums in dist/ (VERSION=v1.2.3)
	@docker/release.sh

.PHONY: fmt
fmt: ## format the Go files
	@gofmt -l -w $$(git ls-files --cached --others --exclude-standard '*.go')

.PHONY: clean
clean: ## delete what a build leaves behind
	rm -rf bin dist coverage.out coverage.html

##@ Check it

.PHONY: dev
dev: ## start servers for tests that stay up: go test in any shell finds them
	@.ci/test.sh dev

.PHONY: dev-down
dev-down: ## stop the servers of make dev and delete their data
	@.ci/test.sh dev-down

.PHONY: test
test: ## everything that CI checks, on servers of its own
	@.ci/test.sh all

.PHONY: lint
lint: ## formatting, vet, golangci-lint, scripts, Dockerfile and compose
	@.ci/test.sh static

.PHONY: unit
unit: ## tests that need no server
	@.ci/test.sh unit

.PHONY: integration
integration: ## tests that need the servers
	@.ci/test.sh integration

.PHONY: e2e
e2e: ## tests that drive the built binary
	@.ci/test.sh e2e

.PHONY: chaos
chaos: ## faults at random for FOR=30m, also on events and failovers, repeated by SEED=…; docs/CHAOS.md
	@.ci/test.sh chaos

.PHONY: chaos-short
chaos-short: ## each sort of fault once, as in make test
	@.ci/test.sh chaos-short

.PHONY: chaos-mutants
chaos-mutants: ## see that the chaos tests notice a missing safeguard
	@.ci/test.sh chaos-mutants

.PHONY: test-hostile
test-hostile: ## schemathesis, sqlmap and wapiti against a running site (XUNKE_URL=…; else that of make up)
	@.ci/test.sh hostile

.PHONY: test-clock
test-clock: ## unit and integration tests at other hours, days and zones (CLOCK='leap-day shanghai' PACKAGES=./rankings; all take an hour)
	@.ci/test.sh clock

.PHONY: test-repeat
test-repeat: ## unit and integration tests five times while the processors are busy (REPEAT=5 PACKAGES=./indexer)
	@.ci/test.sh repeat

.PHONY: fuzz
fuzz: ## fuzz every target (FUZZTIME=20s each)
	@.ci/test.sh fuzz

.PHONY: bench
bench: ## freshness, search, rankings, meaning and reindex beside the servers' own limits (BENCH='-courses 20000 freshness')
	@.ci/test.sh bench

.PHONY: reliability
reliability: ## stop, kill and restart each server of `make up` under 20 requests a second; errors, slowest, recovery
	@go run ./bench/reliability

.PHONY: bench-all
bench-all: ## everything that can be measured, written to docs/PERFORMANCE.md (some hours)
	@BENCH="-within 6h -document docs $$BENCH freshness fanout search alternatives rankings meaning reindex growth" .ci/test.sh bench

.PHONY: load
load: ## what others see of `make up` while 0, 8 and 64 clients ask the costliest searches
	@go run ./bench/reliability -attackers 0,8,64

.PHONY: microbench
microbench: ## Go benchmarks (BENCHTIME=1s)
	@.ci/test.sh microbench

.PHONY: cover
cover: ## what tests and end-to-end tests run of the code, then coverage.html
	@.ci/test.sh cover
	go tool cover -html=coverage.out -o coverage.html

.PHONY: deps
deps: ## tell which dependencies are behind their latest release, and known vulnerabilities
	@.ci/test.sh deps

.PHONY: vuln
vuln: ## look the dependencies up in the Go vulnerability database
	@.ci/test.sh vuln

##@ Help

.PHONY: help
help: ## this list
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@printf '\nPorts: XUNKE_MYSQL_PORT=13306 XUNKE_ELASTICSEARCH_PORT=19200 XUNKE_REDIS_PORT=16379\nXUNKE_API_LISTEN=127.0.0.1:8080, for example: make up XUNKE_REDIS_PORT=16380\n'
