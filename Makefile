# Two commands do all set-up on a machine that has git, make and Python 3.11 or newer:
#   make demo      builds a synthetic world in ./demo and runs one package through it
#   make test      runs every check that CI runs
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEMO ?= demo

.PHONY: install demo test lint unit lock clean system-packages accuracy scale

install: $(STAMP)

$(STAMP): requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Narrowgate needs Python 3.11 or newer.") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

demo: install
	$(BIN)/narrowgate demo --dir $(DEMO)

system-packages:
	bash tools/system-packages.sh

lint: install $(VENV)/.spark
	$(BIN)/ruff format --check src tests tools benchmarks
	$(BIN)/ruff check src tests tools benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports

# Spark is an extra of 450 MB: the demo does without it, the tests of the cluster engine do not.
$(VENV)/.spark: requirements-spark.txt $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-spark.txt
	touch $@

unit: install $(VENV)/.spark
	$(BIN)/pytest --cov --cov-report=term -m "not scale"

test: system-packages lint unit

# The peers of the accuracy report have an environment of their own and never enter this one.
PEERS := .venv-accuracy

accuracy: install $(PEERS)/.installed
	$(BIN)/python -m benchmarks.accuracy $(PEERS)/bin/python

$(PEERS)/.installed: benchmarks/accuracy/requirements.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	touch $@

LOCK := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet

# About an hour on two cores, and 20 GB below build/scale.
scale: install $(PEERS)/.installed
	$(BIN)/python -m benchmarks.scale.build
	$(BIN)/python -m benchmarks.scale.gate
	$(BIN)/python -m benchmarks.scale.probe
	$(BIN)/python -m benchmarks.scale.side_by_side --peers $(PEERS)/bin/python
	$(BIN)/python -m benchmarks.scale.limit

lock: install
	$(LOCK) pyproject.toml --group test --group lint --extra postgresql --extra pkcs11 -o requirements.txt
	echo "pyspark>=4.3,<4.4" | $(LOCK) - -o requirements-spark.txt

clean:
	rm -rf $(VENV) $(PEERS) build dist .coverage* .pytest_cache .mypy_cache .ruff_cache
