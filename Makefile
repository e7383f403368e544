# Two commands do all set-up on a machine that has git, make and Python 3.11 or newer:
#   make demo      builds a synthetic world in ./demo and runs one package through it
#   make test      runs every check that CI runs
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO ?= demo
PEERS := .venv-accuracy
ASSETS := .venv-assets
SITE := .venv-site

.PHONY: install install-tests demo test lint unit coverage docs site assure assets try-assets screenshots dist lock clean system-packages accuracy scale timing log faults games soak two-machines release

# A lock names every package with its version and hashes, so pip has nothing to resolve: it installs exactly
# these, whatever was released since, and then checks that they are complete and agree with each other.
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check --no-deps
FROM_LOCK := $(PIP_INSTALL) --require-hashes -r
PIP_CHECK := -m pip check --disable-pip-version-check

install: $(VENV)/.compiled
install-tests: $(VENV)/.compiled $(VENV)/.test $(VENV)/.spark

# The stamps: what runs; on top of it what tests; on top of it Spark, 450 MB. The demo needs the first one only.
# Building is locked too: in an isolated build pip would fetch the newest setuptools or hatchling.
$(VENV)/.run: requirements/build.txt requirements/run.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Narrowgate needs Python 3.11 or newer.") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python $(FROM_LOCK) requirements/build.txt
	$(BIN)/python $(FROM_LOCK) requirements/run.txt
	$(BIN)/python $(PIP_INSTALL) --no-build-isolation --editable .
	$(BIN)/python $(PIP_CHECK)
	touch $@

# pip compiles what it installs, and of an editable install only the name: without this every process of a first run
# compiles hundreds of modules, and where PYTHONDONTWRITEBYTECODE is set every process of every run.
$(VENV)/.compiled: $(VENV)/.run $(shell find src -name '*.py')
	$(BIN)/python -m compileall -q src
	touch $@

$(VENV)/.test: requirements/test.txt $(VENV)/.run
	$(BIN)/python $(FROM_LOCK) requirements/test.txt
	$(BIN)/python $(PIP_CHECK)
	touch $@

$(VENV)/.spark: requirements/spark.txt $(VENV)/.run
	$(BIN)/python $(PIP_INSTALL) --no-build-isolation --require-hashes -r requirements/spark.txt
	$(BIN)/python $(PIP_CHECK)
	touch $@

demo: install
	$(BIN)/narrowgate demo --dir $(DEMO)

system-packages:
	bash tools/system-packages.sh

lint: install-tests
	$(BIN)/ruff format --check src tests tools benchmarks
	$(BIN)/ruff check src tests tools benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: install-tests
	$(BIN)/python -m pytest -n auto --maxprocesses 8 --dist loadscope

# The same tests with their coverage of lines and branches, which makes them a third to two thirds slower.
coverage: install-tests
	$(BIN)/python -m pytest -n auto --maxprocesses 8 --dist loadscope --cov --cov-report=term

test: system-packages try-assets lint unit site

# The reference of the command line for people and programs, a man page of every command in build/man, and the site.
docs: $(VENV)/.run site
	$(BIN)/python tools/generate_cli_reference.py
	$(BIN)/python tools/rules_reference.py
	$(BIN)/python tools/generate_man_pages.py build/man

# The documentation as a site in build/site, with a search that needs no server; a link that leads nowhere is an error.
site: $(SITE)/.installed
	$(SITE)/bin/python tools/build_site.py $(SITE)/bin/zensical build/site

# The design system of the pages, pinned, into a folder that git ignores; npm by pip where the machine has none.
assets:
	command -v npm >/dev/null || $(MAKE) --no-print-directory $(ASSETS)/.installed
	$(PYTHON) tools/fetch_assets.py

# The tests need it for nothing: without it they try the pages in their plain style, and say so.
try-assets:
	@$(MAKE) --no-print-directory assets || echo "NOTE: the design system could not be fetched. The pages are tried in their plain style." >&2

# Pictures of the main pages, for the documentation; needs chromium.
screenshots: $(VENV)/.test assets
	$(BIN)/python tools/screenshots.py

# Every promise tried for a night; its report goes with a release.
assure: $(VENV)/.run
	rm -rf build/assurance
	$(BIN)/narrowgate assure --full --dir build/assurance

# A wheel and an sdist, the same bytes from the same files wherever they are built.
dist: $(VENV)/.run assets
	rm -rf dist
	$(BIN)/python -m hatchling build -d dist

# What is released: wheel, sdist, the report of 'make assure' over exactly this code, and the digests of all four.
release: dist
	$(BIN)/python tools/release.py dist build/assurance

# The peers of the accuracy report have an environment of their own and never enter this one.
accuracy: $(VENV)/.test $(PEERS)/.installed
	$(BIN)/python -m benchmarks.accuracy $(PEERS)/bin/python

$(PEERS)/.installed: requirements/peers.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python $(FROM_LOCK) $<
	$(PEERS)/bin/python $(PIP_CHECK)
	touch $@

# npm for a machine that has none, and what builds the documentation's site.
$(ASSETS)/.installed: requirements/assets.txt
	$(PYTHON) -m venv $(ASSETS)
	$(ASSETS)/bin/python $(FROM_LOCK) $<
	$(ASSETS)/bin/python $(PIP_CHECK)
	touch $@

$(SITE)/.installed: requirements/docs.txt
	$(PYTHON) -m venv $(SITE)
	$(SITE)/bin/python $(FROM_LOCK) $<
	$(SITE)/bin/python $(PIP_CHECK)
	touch $@

# Whether the duration of a run tells hits from misses; about ten minutes.
timing: $(VENV)/.test
	$(BIN)/python -m benchmarks.timing

# A world with a log of so many entries, for whatever an inspector recomputes; 1.3 million take 10 seconds and 700 MB.
ENTRIES ?= 1280000
log: $(VENV)/.test
	$(BIN)/python -m benchmarks.scale.logs build/scale/log-$(ENTRIES) --entries $(ENTRIES)

# A fault at every call of every command that writes, and a power cut at every change; CI takes samples.
faults: install-tests
	$(BIN)/python -m pytest -m scale tests/fault

# All parties against a model of their promise, for thousands of moves; NARROWGATE_RANDOM_GAMES=1 draws new games.
games: install-tests
	$(BIN)/python -m pytest -m scale tests/property/test_all_parties.py

# Both kinds of state under kills and full disks, against the same model; MINUTES=480 is eight hours, CI plays a few moves.
MINUTES ?= 20
soak: install-tests
	PYTHONPATH=tests $(BIN)/python -m soak --minutes $(MINUTES)

# A package through processes of the users of docs/how-to/deploy.md, in namespaces that are gone afterwards; needs root.
.PHONY: deploy-test
deploy-test: install-tests
	$(BIN)/python -m pytest -m "scale or not scale" tests/install/test_deployment.py

# A worker asleep before each of its changes while another one takes over; NARROWGATE_EVERY=10 takes every tenth.
two-machines: install-tests
	$(BIN)/python -m pytest -m scale tests/e2e/test_two_machines.py

# A Spark cluster of three machines that lose their power, and a search for the key in all they write; CI kills one worker.
.PHONY: cluster
cluster: system-packages install-tests
	$(BIN)/python -m pytest -m 'scale or not scale' tests/e2e/test_spark_cluster.py tests/e2e/test_object_store.py

# How long after a hold a gate stops that is deep in step 6; HOLDS_OPTIONS="--items 200000 --holds 3" takes fewer items.
.PHONY: holds
holds: $(VENV)/.test
	$(BIN)/python -m benchmarks.scale.holds $(HOLDS_OPTIONS)

# About an hour on two cores, and 20 GB below build/scale.
scale: $(VENV)/.test $(PEERS)/.installed
	$(BIN)/python -m benchmarks.scale.build
	$(BIN)/python -m benchmarks.scale.gate
	$(BIN)/python -m benchmarks.scale.probe
	$(BIN)/python -m benchmarks.scale.side_by_side --peers $(PEERS)/bin/python
	$(BIN)/python -m benchmarks.scale.limit

# After a change of dependencies in pyproject.toml; `make lock UPGRADE=--upgrade` takes the newest releases.
# Tests and Spark hold the versions of what runs, so that one environment can take all three.
LOCK := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-strip-extras \
  --no-emit-index-url --no-header --quiet $(UPGRADE)

# Not by way of the stamps: between a change of pyproject.toml and its new lock they cannot pass.
$(BIN)/uv:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python $(FROM_LOCK) requirements/test.txt

lock: $(BIN)/uv
	$(LOCK) pyproject.toml -o requirements/run.txt
	$(LOCK) --group build -c requirements/run.txt -o requirements/build.txt
	$(LOCK) pyproject.toml --group test --group lint --extra postgresql --extra pkcs11 --extra pdf \
	  -c requirements/run.txt -c requirements/build.txt -o requirements/test.txt
	$(LOCK) pyproject.toml --extra spark -c requirements/run.txt -c requirements/build.txt -o requirements/spark.txt
	$(LOCK) --group pyproject.toml:peers -o requirements/peers.txt
	$(LOCK) --group pyproject.toml:assets -o requirements/assets.txt
	$(LOCK) --group pyproject.toml:docs -o requirements/docs.txt

clean:
	rm -rf $(VENV) $(PEERS) $(ASSETS) $(SITE) build dist .coverage* .pytest_cache .mypy_cache .ruff_cache
