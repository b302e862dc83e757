# Everything happens in a virtual environment of its own; nothing has to be activated.
# The packages are installed when a stamp is older than the pins, so a second start is quick.

SHELL := bash
.DEFAULT_GOAL := help

VENV ?= .venv
PORT ?= 8501
# The tests with the browser take longest, so they come first.
TESTS ?= tests/browser tests/unit tests/app
ARGS ?=

export PEERS_VENV ?= .venv-peers
# Tests start hundreds of processes: what these import is compiled once, whatever the shell says.
export PYTHONDONTWRITEBYTECODE :=

PY := $(VENV)/bin/python
PIP_INSTALL := $(PY) -m pip install --disable-pip-version-check --no-input
APP_STAMP := $(VENV)/.app-installed
DEV_STAMP := $(VENV)/.dev-installed
PEERS_STAMP := $(PEERS_VENV)/.installed

.PHONY: help run test lint format bench bench-compare peers limits keras-versions screenshots install clean

help: ## Show what can be made
	@echo "Flatland. What can be made:"
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-13s %s\n", $$1, $$2 }'
	@echo "Settings: PORT=$(PORT) VENV=$(VENV) PYTHON=python3.12 TESTS='tests/unit' ARGS='-k flatten'"

run: $(APP_STAMP) ## Start the app on http://127.0.0.1:8501 (another port: make run PORT=8600)
	@exec $(PY) -m streamlit run streamlit_app.py --server.address 127.0.0.1 --server.port $(PORT)

test: lint ## Check style and types, then run every test, in a real browser too
	@chromium=$$($(PY) scripts/find_chromium.py --install) && \
	echo "Browser tests run in $$chromium" && \
	export FLATLAND_CHROMIUM=$$chromium && \
	$(PY) -m pytest -n 2 --dist worksteal $(TESTS) $(ARGS)

lint: $(DEV_STAMP) ## Check style (ruff), types (mypy) and directions of import
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports --no-logo --no-cache

format: $(DEV_STAMP) ## Mend what ruff can mend
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: $(DEV_STAMP) $(PEERS_STAMP) ## Measure speed and memory against peers, in turns (an hour)
	$(PY) -m benchmarks $(ARGS)

bench-compare: $(DEV_STAMP) ## Compare the figures of two runs of bench (A=folder B=folder)
	$(PY) -m benchmarks compare $(A) $(B)

# One group of the table: bench-training, bench-responses, bench-start, bench-features, bench-import,
# bench-scale, bench-memory.
bench-%: $(DEV_STAMP) $(PEERS_STAMP)
	$(PY) -m benchmarks $* $(ARGS)

peers: $(PEERS_STAMP) ## Install what the benchmarks compare with, in .venv-peers

limits: $(DEV_STAMP) ## Measure time and memory, and fail if one is above what we allow ourselves
	$(PY) -m benchmarks.limits

keras-versions: $(DEV_STAMP) ## Open models in other versions of Keras (ARGS='3.8.0 3.14.0')
	$(PY) scripts/keras_versions.py $(ARGS)

screenshots: $(DEV_STAMP) ## Photograph the pages for the guide (DATA=data, a folder with a network trained on cartoons)
	$(PY) scripts/screenshots.py $(or $(DATA),data)

install: $(DEV_STAMP) ## Install the packages for the app and the tests, and stop there

$(PEERS_STAMP): benchmarks/peers/requirements.txt requirements.txt
	@python=$$(PYTHON='$(PYTHON)' bash scripts/find_python.sh) && "$$python" -m venv $(PEERS_VENV)
	@echo "Installing the peers' packages, once. This takes some minutes."
	@$(PEERS_VENV)/bin/python -m pip install --disable-pip-version-check --no-input \
		-r benchmarks/peers/requirements.txt
	@touch $@

clean: ## Remove the virtual environment and every cache (runs and data sets stay)
	if [ -f $(VENV)/pyvenv.cfg ]; then rm -rf $(VENV); fi
	if [ -f $(PEERS_VENV)/pyvenv.cfg ]; then rm -rf $(PEERS_VENV); fi
	rm -rf .bench .mypy_cache .pytest_cache .ruff_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A new environment is empty, so the stamps of the one before go with it.
$(PY):
	@rm -f $(APP_STAMP) $(DEV_STAMP)
	@python=$$(PYTHON='$(PYTHON)' bash scripts/find_python.sh) && \
	echo "Making $(VENV) with $$python" && \
	"$$python" -m venv $(VENV)

$(APP_STAMP): requirements.txt | $(PY)
	@echo "Installing the app's packages, once. TensorFlow is large: this takes some minutes."
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

# This installs the app's packages too, hence both stamps.
$(DEV_STAMP): requirements-dev.txt requirements.txt | $(PY)
	@echo "Installing the app's and the tests' packages, once. This takes some minutes."
	@$(PIP_INSTALL) -r requirements-dev.txt
	@touch $(APP_STAMP) $@
