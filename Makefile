# One command for each thing a person does. `make` alone lists them; the same without make is in README.md.
# ARGS goes to the program: make demo ARGS="--seed 3", make run ARGS="--signals-only", make test ARGS="-k macd".

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --no-input
WORKERS ?= 2
ARGS ?=
N ?= 10000

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo run dashboard status stop logs bench docs soak test lint check format hooks

help: ## what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.runtime ## make .venv and install what the program runs on

setup-dev: $(VENV)/.dev ## the same with what tests and checks need

# The first Python of at least 3.11 makes the environment; a folder without a working pip in it is made again.
$(VENV)/.python:
	@set -e; found=; \
	for name in $(PYTHON) python3 python3.13 python3.12 python3.11 python; do \
	  if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$name; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "Haetae needs Python 3.11 or newer, and none was found. Install it, or name it: make setup PYTHON=/path/to/python3" >&2; \
	  echo "파이썬 3.11 이상이 필요한데 찾지 못했습니다. 설치한 뒤 다시 실행하거나 위치를 알려 주세요: make setup PYTHON=/경로/python3" >&2; \
	  exit 1; \
	fi; \
	if ! $(PY) -m pip --version >/dev/null 2>&1; then \
	  echo "$(VENV): $$($$found --version)"; \
	  $$found -m venv --clear $(VENV) || { \
	    echo "The environment $(VENV) could not be made. On Debian and Ubuntu: sudo apt-get install python3-venv" >&2; \
	    echo "가상 환경 $(VENV) 을 만들지 못했습니다. 데비안과 우분투에서는: sudo apt-get install python3-venv" >&2; \
	    exit 1; }; \
	fi; \
	touch $@

$(VENV)/.runtime: requirements.txt constraints.txt | $(VENV)/.python
	@echo "Installing (once, a few minutes) / 설치 중 (처음 한 번, 몇 분)..."
	@$(PIP) -r requirements.txt -c constraints.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	@echo "Installing what the tests need / 테스트에 필요한 것을 설치 중..."
	@$(PIP) -r requirements.txt -r requirements-dev.txt -c constraints.txt
	@touch $@

demo: setup ## practice exchange, bot and dashboard; Ctrl-C ends all
	@$(PY) -m deploy.demo $(ARGS)

run: setup ## the bot alone, in the mode of .env
	@$(PY) main.py run $(ARGS)

dashboard: setup ## the dashboard alone
	@$(PY) dashboard.py $(ARGS)

status: setup ## what the bot does now
	@$(PY) main.py status $(ARGS)

stop: setup ## end the bot in order
	@$(PY) main.py cmd stop $(ARGS)

logs: ## follow the log
	@tail -n 40 -F logs/trading_bot.log

bench: setup-dev ## figures of speed and memory on this machine
	@$(PY) -m tests.bench $(ARGS)

docs: setup ## write the pages about strategies
	@$(PY) -m deploy.docs

soak: setup-dev ## kill the bot N times while everything goes wrong (N=10000)
	@$(PY) -m tests.faults.soak $(N) $(ARGS)

test: setup-dev ## all tests, in random order
	@$(PY) -m pytest -n $(WORKERS) -rfEs $(ARGS)

lint: setup-dev ## ruff and types
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy

check: lint test ## lint and all tests: what must hold before a change goes in

format: setup-dev ## put the source into its form
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

hooks: setup-dev ## check every commit before it is made
	@$(PY) -m pre_commit install
