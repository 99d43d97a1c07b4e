# make demo | test | coverage | lint | wheel | bench | pictures | models: each works on a fresh
# machine, with no step before it.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
BENCH ?= .venv-bench
# A process a core; the tests of a file share one, and what they made for each other.
WORKERS ?= -n auto --dist loadfile
# Without an NVIDIA driver, torch's CPU build is enough and saves gigabytes.
TORCH_INDEX ?= $(if $(shell command -v nvidia-smi),,https://download.pytorch.org/whl/cpu)
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install --quiet -c constraints.txt

.PHONY: demo test coverage lint wheel bench pictures models clean

demo: $(VENV)/.installed
	$(BIN)/volseg demo --out demo-output --overwrite

test: $(VENV)/.installed
	$(BIN)/python -m pytest $(WORKERS)

# The same tests, and which lines of the package none of them runs.
coverage: $(VENV)/.installed
	$(BIN)/python -m pytest $(WORKERS) --cov --cov-report=term

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# A wheel built from the sdist, in an environment of its own, far from the checkout.
wheel: $(VENV)/.installed
	BIN=$(BIN) sh tests/wheel_smoke.sh

# The peers live in an environment of their own; one that does not install is missed in the table only.
bench: $(BENCH)/.peers
	$(BENCH)/bin/python -m tests.benchmarks

# The cards of the models that come with the package, from what lies in volseg/models.
models: $(VENV)/.installed
	$(BIN)/python docs/make_models.py

# The pictures of README; the brain, the template in nilearn's wheel, takes a run of three minutes.
pictures: $(VENV)/.installed
	rm -rf build/pictures
	$(PIP) download --quiet --no-deps --only-binary=:all: -d build/pictures nilearn==0.14.1
	$(BIN)/python docs/make_pictures.py --nilearn build/pictures/nilearn-*.whl

$(VENV)/.torch: constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --no-deps --retries 1 $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) torch
	touch $@

$(VENV)/.installed: $(VENV)/.torch pyproject.toml constraints.txt
	$(INSTALL) -e '.[dev]'
	touch $@

$(BENCH)/.peers: pyproject.toml constraints.txt tests/benchmarks/peers.txt
	$(MAKE) VENV=$(BENCH) $(BENCH)/.torch
	$(BENCH)/bin/python -m pip install --quiet -c constraints.txt -e .
	-$(BENCH)/bin/python -m pip install --quiet -c constraints.txt -e '.[bench]'
	grep -v '^#' tests/benchmarks/peers.txt | while read -r peer; do \
	    $(BENCH)/bin/python -m pip install --quiet --no-deps "$$peer" || echo "without $$peer"; \
	done
	touch $@

clean:
	rm -rf $(VENV) $(BENCH) build dist demo-output
