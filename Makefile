# make chat               trains the starter bot when need be, and opens a conversation with it
# make chat BOT=NAME      the same for bots/NAME.toml
# make test               everything that must pass
BOT ?= smalltalk-en
MINUTES ?= 5
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# PyTorch's own index has builds without gigabytes of CUDA packages; where it cannot be reached, what pip is set up with.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
TORCH := $(shell sed -n 's/^\(torch==[0-9.]*\).*/\1/p' constraints.txt)
# Python compiles what it imports, a small part of it all: once, here, even where the environment forbids to keep
# bytecode, since a start-up that compiles torch takes three times as long.
unexport PYTHONDONTWRITEBYTECODE
INSTALL := $(BIN)/python -m pip --disable-pip-version-check -q install --no-compile
COMPILE := $(BIN)/python -c 'import importlib as i, pkgutil as p, chatbot as c; [i.import_module(m.name) for m in p.walk_packages(c.__path__, "chatbot.")]'

.DEFAULT_GOAL := help
.PHONY: help chat install install-dev format lint test pytest bench fuzz family clean

help: ## Show this.
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

chat: install ## Talk to a bot (BOT=smalltalk-zh for the Chinese one); trains it first when need be.
	@test -e bots/$(BOT)/versions/current || $(BIN)/chatbot train $(BOT)
	@$(BIN)/chatbot chat $(BOT)

install: $(VENV)/.installed ## Make .venv with what the program needs.

install-dev: $(VENV)/.installed-dev ## Make .venv with what its development needs, too.

$(VENV)/.python:
	@echo "Making $(VENV) ..." >&2
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("error: chatbot needs Python 3.11 or newer; try: make PYTHON=python3.12")'
	@$(PYTHON) -m venv $(VENV) >&2
	@touch $@

# Without an NVIDIA GPU, torch comes from PyTorch's CPU index, asked briefly and once.
$(VENV)/.torch: $(VENV)/.python constraints.txt
	@echo "Installing PyTorch ..." >&2
	@if [ ! -e /proc/driver/nvidia ] && ! command -v nvidia-smi >/dev/null 2>&1; then \
		$(INSTALL) --timeout 10 --retries 0 --index-url $(TORCH_INDEX) $(TORCH) >&2 2>/dev/null \
		|| $(INSTALL) $(TORCH) -c constraints.txt >&2; \
	else \
		$(INSTALL) $(TORCH) -c constraints.txt >&2; \
	fi
	@touch $@

$(VENV)/.installed: $(VENV)/.torch pyproject.toml constraints.txt
	@echo "Installing chatbot ..." >&2
	@$(INSTALL) -e . -c constraints.txt >&2
	@$(COMPILE)
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.torch pyproject.toml constraints.txt
	@echo "Installing chatbot with its development tools ..." >&2
	@$(INSTALL) -e '.[dev,parquet,pictures,plots,postgresql]' -c constraints.txt >&2
	@$(COMPILE)
	@touch $@ $(VENV)/.installed

format: install-dev ## Format the code, and write the README's reference of settings.
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .
	@$(BIN)/python -m tests.reference

lint: install-dev ## Check style, types and layers.
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

test: install-dev ## Run everything that must pass.
	@$(MAKE) --no-print-directory -j2 --output-sync=line lint pytest

pytest: install-dev
	@$(BIN)/python -m pytest

bench: install-dev ## Measure speed; compare figures of one run only.
	@$(BIN)/python -m pytest tests/benchmarks -n 0 -s --run-benchmarks

fuzz: install-dev ## Throw damaged and hostile logs at every reader (MINUTES=5).
	@$(BIN)/python -m tests.corpus.fuzz --minutes $(MINUTES)

family: install ## Compare the seq2seq family, in about half an hour.
	@$(BIN)/chatbot compare bots/family/*.toml -o family
	@$(BIN)/chatbot compare bots/family/reverse/*.toml -o family/reverse
	@cp family/reverse/exact-by-length.svg bots/family/reverse/

clean: ## Remove .venv and caches; bots and their conversations stay.
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
