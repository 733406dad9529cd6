# Every target makes its own environment; nothing but Python 3.11+ has to be there.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# What the service needs; and what those who change it need as well.
USABLE := $(VENV)/.usable
STAMP := $(VENV)/.installed
# Else each start compiles the sources anew where Python may not write beside them, and takes half as long again.
COMPILE := $(BIN)/python -m compileall -q twilio_binding

.PHONY: install demo dist test check reference screenshots test-jvm bench soak faults alarms structure path first-text audit lock clean

# The service from these files, into .venv.
install: $(USABLE)
	@echo "Next: . $(VENV)/bin/activate && twilio-binding setup"

# With mosquitto where it is installed, else with a broker from the package index.
demo: $(USABLE)
	$(BIN)/twilio-binding demo

# The wheel and the source archive in dist/, tried in an empty environment.
dist: $(STAMP)
	$(BIN)/python tools/dist.py dist
	DIST=dist $(BIN)/pytest tests/integration/test_wheel.py

# In several processes, a file in each at a time: most tests wait. `pytest tests/...` stays with one.
JOBS ?= 2
test: $(STAMP)
	@./tools/mosquitto.sh
	@$(COMPILE)
	$(BIN)/pytest -n $(JOBS) --dist loadfile

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m lab.structure
	$(BIN)/pytest -q tests/docs

# The tables of docs/reference, from the code.
reference: $(STAMP)
	$(BIN)/python tools/reference.py

test-jvm: $(STAMP)
	@./tools/mosquitto.sh
	$(BIN)/python -m lab.standins.jvm
	$(BIN)/pytest tests/jsr223

bench: $(STAMP)
	@./tools/mosquitto.sh
	@$(COMPILE)
	$(BIN)/python -m lab.bench

# An hour of traffic; does memory grow?
soak: $(STAMP)
	@./tools/mosquitto.sh
	$(BIN)/python -m lab.bench.soak

# The pictures of docs/console.md, taken by the tests of the console. Needs Chromium.
screenshots: $(STAMP)
	$(BIN)/pytest -q tests/browser
	$(BIN)/python tools/screenshots.py

# The shape of the code in figures, and what is beyond a limit.
structure: $(STAMP)
	$(BIN)/python -m lab.structure

# How often a text, a `sendSMS` and a held call change the source file on their way.
path: $(STAMP)
	@./tools/mosquitto.sh
	$(BIN)/python -m lab.path

# The figures of the README: seconds from a fresh clone to the first text on an item, packages and megabytes.
first-text:
	$(PYTHON) tools/first_text.py

# Known vulnerabilities of what is pinned, as the package index tells them. Needs uv, and the index itself, not a mirror.
audit:
	uvx pip-audit --strict --disable-pip --require-hashes --requirement requirements.lock --requirement requirements-dev.lock

# Such as: make faults FAULTS="--webhooks 3000 --actions 600 --kills 25 --seconds 100 --seed 7"
faults: $(STAMP)
	@./tools/mosquitto.sh
	$(BIN)/python -m lab.faults $(FAULTS)

# Such as: make alarms ALARMS="--outages 1000 --seed 7"
alarms: $(STAMP)
	@./tools/mosquitto.sh
	$(BIN)/python -m lab.alarms $(ALARMS)

$(USABLE): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed") if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "On Debian: apt-get install python3-venv"; exit 1; }
	@echo "Installing what requirements.lock pins into $(VENV); the first time this takes about half a minute."
	@$(BIN)/python tools/install.py requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(COMPILE)
	@touch $(USABLE)

$(STAMP): requirements-dev.lock $(USABLE)
	@echo "Installing the tools for developers, which requirements-dev.lock pins, into $(VENV)."
	@$(BIN)/python tools/install.py requirements-dev.lock
	@touch $(STAMP)

# Needs uv. The versions of the service come first; the tools for developers go with them.
LOCK = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate
lock:
	$(LOCK) --extra demo --group build -o requirements.lock pyproject.toml
	$(LOCK) --constraint requirements.lock --group dev -o requirements-dev.lock
	echo "HABApp==25.12" | $(LOCK) -o tools/habapp.lock -

# What can be made again; never data, settings or things.
clean:
	rm -rf $(VENV) .venv-habapp .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
