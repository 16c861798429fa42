# Two commands do everything: `make run` and `make test`. Both set up what they need first.
PYTHON ?= python3
BIN := .venv/bin
SETUP := .venv/.ready
SETUP_TEST := .venv/.ready-test
export COMPLIANCE_PORT ?= 8501
# Every command, purge and intake is a Python of its own: where none may keep what it compiled, each takes seconds more.
unexport PYTHONDONTWRITEBYTECODE

# Tools that look at the rest from outside, and what runs, installed alone, without what tests it.
SUPPLY := .venv/.supply
SPARK := .venv/.spark
RUN_ALONE := .venv/.run-alone

.PHONY: run test quick test-postgresql test-spark lint bench scale fuzz soak mutants pictures lock sbom audit clean

run: $(SETUP)  ## the dashboard with the demo company, on http://localhost:8501
	$(BIN)/compliance demo prepare
	$(BIN)/compliance serve --server.port $(COMPLIANCE_PORT)

test: $(SETUP_TEST) lint  ## lint, types and all tests
	$(BIN)/python -m pytest -n auto --dist worksteal

quick: $(SETUP_TEST) lint  ## the same without the tests that take longer, which are most of the time
	$(BIN)/python -m pytest -n auto --dist worksteal --quick

test-postgresql: $(SETUP_TEST)  ## the tests again with register and copy in a PostgreSQL, but for what cannot differ there
	COMPLIANCE_TEST_ON=postgresql $(BIN)/python -m pytest -rs -n auto --dist worksteal $(TESTS)

test-spark: $(SETUP_TEST) $(SPARK)/.ready  ## the pages' statements on DuckDB, PostgreSQL and Spark, with their digests; needs Java
	PYTHONPATH=$(SPARK) $(BIN)/python -m pytest -n 0 tests/reading/on_spark.py

lint: $(SETUP_TEST)  ## style, types, and who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(SETUP_TEST)  ## ratios, measured in one run each
	$(BIN)/python -m tests.bench

scale: $(SETUP_TEST) $(SPARK)/.ready  ## how acts and statements grow on DuckDB, PostgreSQL and Spark; needs Java
	PYTHONPATH=$(SPARK) $(BIN)/python -m tests.bench scale $(SCALE)

fuzz: $(SETUP_TEST)  ## files in all shapes and with damage; a failure prints the seed that makes it again
	$(BIN)/python -m tests.fuzz $(FUZZ)

soak: $(SETUP_TEST)  ## every act killed at 500 places and moments, on both databases; the seed makes a round again
	$(BIN)/python -m tests.kills --rounds 250 --short-cuts --go-on $(SOAK)
	$(BIN)/python -m tests.kills --rounds 250 --short-cuts --go-on --postgresql $(SOAK)

mutants: $(SETUP_TEST)  ## statements and modules changed piece by piece; what no test notices is told
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m tests.mutants $(MUTANTS)

pictures: $(SETUP_TEST)  ## the pictures of the pages in docs/pages, anew
	$(BIN)/python docs/pages.py

lock:  ## requirements files from pyproject.toml
	$(BIN)/uv pip compile -q --generate-hashes --python-version 3.11 --no-header pyproject.toml --group build -o requirements.txt
	$(BIN)/uv pip compile -q --generate-hashes --python-version 3.11 --no-header --group build --group test -c requirements.txt -o tests/requirements.txt
	$(BIN)/uv pip compile -q --generate-hashes --python-version 3.11 --no-header --group supply -o .ci/requirements.txt
	$(BIN)/uv pip compile -q --generate-hashes --python-version 3.11 --no-header --group scale -o tests/bench/requirements.txt

sbom: $(SETUP) $(SUPPLY)/.ready  ## what runs, with versions and licences: sbom.cdx.json (CycloneDX), docs/licences.md
	$(BIN)/uv venv -q --clear --python $(BIN)/python $(RUN_ALONE)
	$(BIN)/uv pip install -q --python $(RUN_ALONE)/bin/python --require-hashes -r requirements.txt
	$(SUPPLY)/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible -o sbom.cdx.json $(RUN_ALONE)
	$(BIN)/python docs/licences.py

audit: $(SUPPLY)/.ready  ## known vulnerabilities of what runs; says so where the service is not reached
	$(SUPPLY)/bin/python .ci/audit.py

$(SUPPLY)/.ready: $(SETUP) .ci/requirements.txt
	$(BIN)/uv venv -q --clear --python $(BIN)/python $(SUPPLY)
	$(BIN)/uv pip install -q --python $(SUPPLY)/bin/python --require-hashes -r .ci/requirements.txt
	touch $@

$(SPARK)/.ready: $(SETUP) tests/bench/requirements.txt
	$(BIN)/uv pip install -q --python $(BIN)/python --target $(SPARK) --require-hashes -r tests/bench/requirements.txt
	touch $@

# The command `compliance` is installed last, from this folder: nothing is fetched for it.
$(SETUP): requirements.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check uv==0.13.9
	$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements.txt
	$(BIN)/uv pip install -q --python $(BIN)/python --offline --no-deps --no-build-isolation -e .
	touch $@

$(SETUP_TEST): $(SETUP) tests/requirements.txt
	$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r tests/requirements.txt
	touch $@

clean:  ## forgets the demo company and everything that was set up
	rm -rf .venv data/store data/demo
