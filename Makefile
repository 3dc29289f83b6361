# The commands that people and CI share; `make` alone lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/pip install -qq --disable-pip-version-check --no-compile -c constraints.txt
# On all cores, where pip would take one. It fails where a package ships what is no Python 3.
COMPILE := $(BIN)/python -m compileall -qq -j 0 $(VENV)/lib || :
INPUTS := pyproject.toml constraints.txt rag/__init__.py

.DEFAULT_GOAL := help
.PHONY: help ask chat sync test lint eval gate screenshots constraints clean question

# A question may hold any character. `value` keeps make from expanding its dollar signs, and the
# shell reads it from the environment, where nothing is parsed again. The variables as given are
# not exported: that would expand them.
unexport Q PATHS

help:
	@echo 'make ask Q="…"      answer a question; the first time installs and indexes the corpus'
	@echo 'make chat           the same in the browser'
	@echo 'make sync PATHS="…" index folders or files of your own; without PATHS, the corpus'
	@echo 'make test           lint, types, import rules, then the tests'
	@echo 'make lint           the same without the tests'
	@echo 'make eval           measure the answers to our questions, and report'
	@echo 'make gate           the same, and fail where quality fell'
	@echo 'make screenshots    take the pictures of the README, in a real browser'
	@echo 'make constraints    the newest versions that go together, into constraints.txt'
	@echo 'make clean          remove what these commands made here; the index stays'

ask: export QUESTION = $(value Q)
ask: question $(VENV)/.installed
	@$(BIN)/gazette ask -- "$$QUESTION"

chat: $(VENV)/.installed
	@$(BIN)/gazette chat

sync: export FOLDERS = $(value PATHS)
sync: $(VENV)/.installed
	@set -f; $(BIN)/gazette sync -- $$FOLDERS

# Two workers: CI has two cores, and the longest file bounds what more would gain. One thread each:
# a second one costs an answer half as much processor again, and saves a tenth of the wait.
test: export OMP_NUM_THREADS = 1
test: export OPENBLAS_NUM_THREADS = 1
test: lint
	@$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.installed-for-tests
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy --no-error-summary
	@said=$$($(BIN)/lint-imports 2>&1) || { echo "$$said"; exit 1; }

eval: $(VENV)/.installed-for-tests
	@$(BIN)/gazette eval

gate: $(VENV)/.installed-for-tests
	@$(BIN)/gazette eval --gate

screenshots: $(VENV)/.installed-for-tests
	@$(BIN)/python docs/screenshots.py

# torch keeps its version: another may bring gigabytes for graphics cards.
constraints:
	@"$(PYTHON)" -m venv --clear build/fresh
	@build/fresh/bin/pip install -qq -e '.[test]' "$$(grep '^torch==' constraints.txt)"
	@{ grep '^#' constraints.txt; \
	  build/fresh/bin/pip freeze --exclude-editable | sed 's/+cpu$$//'; } > build/constraints.txt
	@mv build/constraints.txt constraints.txt

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Asked for before anything is installed, so that a slip costs no minute.
question: export QUESTION = $(value Q)
question:
	@case "$$QUESTION" in *[![:space:]]*) ;; *) \
	  echo 'make ask needs a question: make ask Q="what did Nabiyev discuss with OpenAI?"' >&2; \
	  exit 2;; esac

# Each stamp is made last: an installation that was cut off is taken up again.
$(VENV)/.installed: $(INPUTS)
	@$(call environment,a minute)
	@$(PIP_INSTALL) -e .
	@$(COMPILE)
	@touch $@

$(VENV)/.installed-for-tests: $(INPUTS)
	@$(call environment,a few minutes)
	@$(PIP_INSTALL) -e '.[test]'
	@$(COMPILE)
	@touch $(VENV)/.installed $@

define environment
"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
  echo 'Gazette needs Python 3.11 or newer: name one, as in make PYTHON=python3.12 …' >&2; \
  exit 2; }; \
echo 'Installing into $(VENV); this takes $(1), and only when what is needed has changed' >&2; \
"$(PYTHON)" -m venv $(VENV)
endef
