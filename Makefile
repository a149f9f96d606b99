# Ankang: every command a person or a CI machine needs. `make` alone lists them.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
PY := $(VENV)/bin/python
ARGS ?=
PORT ?= 8000
AGENT_PORT ?= 24777
export PORT AGENT_PORT

# What is installed is named by the checksum of its requirements: a second call installs nothing.
# all.txt holds demo.txt with the same versions, so its installation serves the demo as well.
checksum = $(firstword $(shell cksum requirements/$(1).txt))
DEMO_STAMP := $(VENV)/installed-demo-$(call checksum,demo)
ALL_STAMP := $(VENV)/installed-all-$(call checksum,all)
WORKSTATION_STAMP := $(VENV)/installed-workstation-$(call checksum,workstation)
PACKAGING_STAMP := $(VENV)/installed-packaging-$(call checksum,packaging)
INSTALL := $(PY) -m pip install --quiet --quiet --no-compile --disable-pip-version-check --require-hashes

# Output of jobs side by side is not mixed where make can keep it apart (GNU make 4).
SYNC := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset test check bench storm messages lock workstation agent-wheel agent-program agent-bundle \
	check-style check-types check-imports check-django check-deploy

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(DEMO_STAMP) ## set up and run everything on http://localhost:8000 (PORT=, AGENT_PORT=)
	@ANKANG_END_WITH_PARENT=1 exec $(PY) -m config.supervisor demo

demo-reset: $(DEMO_STAMP) ## stop the demo and empty its data
	@exec $(PY) -m config.supervisor reset

test: $(ALL_STAMP) workstation $(PACKAGING_STAMP) ## set up and run the whole suite (ARGS="-k booking" goes to pytest)
	@ANKANG_END_WITH_PARENT=1 exec $(PY) -m config.supervisor test -- $(ARGS)

check: $(ALL_STAMP) ## linters, types, import contracts, Django's checks
	@$(MAKE) --no-print-directory --keep-going -j2 $(SYNC) check-types check-style check-imports check-django check-deploy

# A benchmark is a module of bench/ that can be run; the others help it.
BENCHMARKS = $(or $(BENCH),$(basename $(notdir $(shell grep -l __main__ bench/*.py))))

bench: $(ALL_STAMP) workstation ## run the benchmarks, which print ratios (BENCH=booking for one)
	@ANKANG_VAR=$(CURDIR)/var/bench ANKANG_END_WITH_PARENT=1 exec $(PY) -m config.supervisor run -- \
		sh -ec 'for each in $(BENCHMARKS); do echo "== $$each"; $(PY) -m "bench.$$each" $(ARGS); done'

storm: $(ALL_STAMP) ## the booking storm with 64 clients on 500 slots (CLIENTS=, DEEDS=, SLOTS=, SEED=)
	@ANKANG_STORM_CLIENTS=$(or $(CLIENTS),64) ANKANG_STORM_DEEDS=$(or $(DEEDS),100) \
		ANKANG_STORM_SLOTS=$(or $(SLOTS),500) ANKANG_STORM_SEED=$(or $(SEED),5) ANKANG_END_WITH_PARENT=1 \
		exec $(PY) -m config.supervisor test -- tests/booking/test_storm.py --timeout=600 -q

agent-wheel: $(ALL_STAMP) ## the agent as a wheel, in var/agent-bundle
	@$(PY) -m deploy.agent.bundle wheel var/agent-bundle

agent-program: $(ALL_STAMP) workstation $(PACKAGING_STAMP) ## the agent as one file for this kind of computer, in var/agent-bundle
	@$(PY) -m deploy.agent.program var/agent-bundle

agent-bundle: agent-wheel agent-program ## wheel, dependencies, single file, manifest and signature for offline workstations (KEY=file)
	@test -n "$(KEY)" || { echo "KEY= names the release key; make one: $(PY) -m deploy.agent.bundle key FILE"; exit 1; }
	@$(PY) -m pip download --quiet --disable-pip-version-check --only-binary :all: --dest var/agent-bundle \
		--constraint deploy/agent/versions.txt $(wildcard var/agent-bundle/ankang_agent-*.whl)
	@$(PY) -m deploy.agent.bundle sign var/agent-bundle $(KEY)

messages: $(ALL_STAMP) ## bring the translation catalogues up to date with the source
	@$(PY) -m config.messages

lock: $(ALL_STAMP) ## resolve requirements/*.in anew into hash-pinned *.txt (ARGS=--upgrade)
	@for each in all workstation packaging demo base; do \
		$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
			--no-annotate --no-emit-index-url --no-emit-find-links $(ARGS) \
			$$(test $$each = all || echo --constraint requirements/all.txt) \
			--output-file requirements/$$each.txt requirements/$$each.in || exit 1; \
	done

$(ALL_STAMP): requirements/all.txt
	@echo "Installing what development needs into $(VENV) …"
	@rm -f $(VENV)/installed-*
	@$(PYTHON) -m venv --clear $(VENV)
	@$(INSTALL) --requirement requirements/all.txt
	@touch $(DEMO_STAMP) $@

# pyscard is compiled on Linux. Where that cannot be done the other tests run all the same.
workstation: $(ALL_STAMP)
	@bash .ci/system-packages
	@test -e $(WORKSTATION_STAMP) \
		|| { $(INSTALL) --requirement requirements/workstation.txt && touch $(WORKSTATION_STAMP); } \
		|| echo "pyscard was not built (gcc, libpcsclite-dev): no card tests over PC/SC, no bench/card."

$(PACKAGING_STAMP): $(ALL_STAMP)
	@$(INSTALL) --requirement requirements/packaging.txt
	@touch $@

$(DEMO_STAMP): requirements/demo.txt
	@echo "Installing what the demo needs into $(VENV) …"
	@rm -f $(VENV)/installed-*
	@$(PYTHON) -m venv --clear $(VENV)
	@$(INSTALL) --requirement requirements/demo.txt
	@touch $@

check-style:
	@$(PY) -m ruff check --quiet .
	@$(PY) -m ruff format --quiet --check . || { echo "run: $(PY) -m ruff format ."; exit 1; }

check-types:
	@$(CHECK_ENVIRONMENT) $(VENV)/bin/mypy --no-error-summary

check-imports:
	@$(VENV)/bin/lint-imports --no-logo > $(VENV)/imports.log || { cat $(VENV)/imports.log; exit 1; }

# No server is asked: the checks read settings and code only, and these addresses lead nowhere.
CHECK_ENVIRONMENT = env -u ANKANG_DEMO SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(60))') \
	DATABASE_URL=postgresql://ankang_app@%2Fnonexistent/ankang REDIS_URL=redis://ankang.invalid/0 \
	ANKANG_IDENTITY_KEYS=/nonexistent/identity-keys.json ANKANG_VAR=$(CURDIR)/var/check

check-django:
	@$(CHECK_ENVIRONMENT) $(PY) manage.py check --fail-level WARNING > /dev/null
	@$(CHECK_ENVIRONMENT) $(PY) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run > /dev/null

check-deploy:
	@$(CHECK_ENVIRONMENT) ANKANG_ORIGIN=https://ankang.invalid ANKANG_HOSTS=ankang.invalid \
		$(PY) manage.py check --deploy --fail-level WARNING > /dev/null
