# Everything one needs on a machine with Python 3.11 or newer. `make demo` and `make test` install
# what is missing by themselves; DATABASE_URL and REDIS_URL make them use servers of yours.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$p && break; done)
VENV := .venv
RUN := $(VENV)/bin/python
PIP := $(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes
VENDOR := static/vendor/.built
FRONT_END := package.json package-lock.json .npmrc $(wildcard dashboard/frontend/*)
# Workers of pytest, and arguments for it, for example: make test ARGS="tests/ground -k env"
JOBS ?= 2
ARGS ?=
# Branch coverage that documents/ and targets/ must reach; 0 for a part of the tests.
COVERAGE ?= 95

.PHONY: help demo test bench lint browser requirements clean

help:
	@echo "make demo   run Thuoc Do on this machine (PORT=8000), Ctrl-C ends it"
	@echo "make test   all tests (ARGS=... for pytest, COVERAGE=0 for a part of them)"
	@echo "make lint   ruff, mypy, import-linter"
	@echo "make bench  the measurements"
	@echo "make clean  remove what was built, and the data in var/"

demo: $(VENV)/.demo $(VENDOR)
	@exec $(RUN) manage.py demo

test: $(VENV)/.dev $(VENDOR) browser
	@$(RUN) manage.py compile_translations
	@$(RUN) -m tests.run --jobs $(JOBS) --coverage $(COVERAGE) $(ARGS)

bench: $(VENV)/.dev $(VENDOR)
	@$(RUN) -m tests.bench $(ARGS)

lint: $(VENV)/.dev
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	$(VENV)/bin/lint-imports

# Chromium for the tests of the pages: the system's, or Debian's package where root may install it.
browser: $(VENV)/.dev
	@$(RUN) -m tests.browser --install

$(RUN):
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with the venv module is needed" \
	"(Debian and Ubuntu: apt-get install python3-venv), or name one: make PYTHON=..." >&2; exit 1; }
	@echo "Virtual environment: $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)

# The packages of the tests include those of the demo: both stamps are set by the larger set.
$(VENV)/.demo: requirements-demo.txt | $(RUN)
	@echo "Python packages (a minute or two the first time)"
	@$(PIP) --requirement requirements-demo.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt | $(RUN)
	@echo "Python packages with the tools of the tests (a minute or two the first time)"
	@$(PIP) --requirement requirements-dev.txt
	@touch $(VENV)/.demo $@

$(VENDOR): $(FRONT_END) | $(RUN)
	@echo "Browser files"
	@$(RUN) -m dashboard.frontend.build

# Pin again what pyproject.toml asks for (needs uv). All files agree with the largest set.
UV := $(shell command -v uv 2>/dev/null || echo $(VENV)/bin/uv)
PIN := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate
requirements:
	$(PIN) pyproject.toml --group embedded --group test $(ARGS) -o requirements-dev.txt
	$(PIN) pyproject.toml --group embedded -c requirements-dev.txt -o requirements-demo.txt
	$(PIN) pyproject.toml -c requirements-dev.txt -o requirements.txt
	$(PIN) --group node -o requirements-node.txt

clean:
	@for var in var var/test; do if [ -x $(RUN) ] && [ -d $$var ]; then \
	THUOCDO_VAR=$$var $(RUN) manage.py services erase || exit 1; fi; done
	rm -rf var $(VENV) node_modules static/vendor
	find . -name '*.mo' -not -path './.git/*' -delete
