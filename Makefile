# make demo: the real bot with sample data and a local Slack.
# make check: what to run before every commit, within a minute.   make test: everything that must hold.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed-$(shell cksum requirements/dev.txt pyproject.toml 2>/dev/null | cksum | cut -d' ' -f1)

# Whatever the machine says: without compiled files, every process that a test starts compiles the project again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo check test thorough bench bench-scale torture simulation mutants pictures wheel lock clean
.DEFAULT_GOAL := demo

$(STAMP): requirements/dev.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is missing: install it, or say where it is: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is older than Python 3.11"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is missing (Debian: apt-get install python3.11-venv)"; exit 1; }
	@echo "Installing into $(VENV) (about half a minute the first time) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@rm -f $(VENV)/.installed-*; touch $@

demo: $(STAMP)
	@$(BIN)/tierbot demo

# Everything but the slow tests (tests/README.md#running), with 25 examples per property.
check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 3 --dist loadfile -m "not slow" --hypothesis-profile check

test: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 4 --dist worksteal

LONG := tests/tiercore/rating/test_day_by_day.py tests/tiercore/questions/test_samples_as_tier_said.py \
    tests/scheduler/test_simulation.py tests/front_door/test_hostile_requests.py \
    tests/tiercore/planning/test_cheapest.py tests/tiercore/scenarios/test_as_imported.py tests/tiercore/questions/test_gap_on.py \
    tests/tiercore/test_open_deals.py tests/tiercore/test_stored_deals.py tests/tiercore/storage/test_versions.py \
    tests/scheduler/test_credit_days.py tests/front_door/test_sharing_forged.py tests/front_door/test_plans_forged.py \
    tests/front_door/test_workspaces_forged.py tests/tiercore/workspaces/test_what_counts.py \
    tests/handlers/test_kept_answers.py tests/tiercore/portfolio/test_states.py \
    tests/tiercore/ingest/test_large_files.py tests/tiercore/ingest/test_history.py \
    tests/front_door/test_security.py tests/handlers/test_sentences.py tests/tiercore/explaining/test_explaining.py \
    tests/tiercore/people/test_enterprise.py tests/tiercore/verification/test_verify.py \
    tests/tiercore/typed/test_sequences.py tests/tiercore/test_signal_days.py \
    tests/tiercore/storage/test_row_hashes.py

# The long tests with all their random cases, of which make test tries a tenth; and the wheel among dependencies as downloaded.
thorough: $(STAMP)
	$(BIN)/python -m pytest -n 2 --dist worksteal --thorough $(LONG) tests/test_wheel.py

bench: $(STAMP)
	@$(BIN)/python -m bench

# The same for a program of a size, and of a tenth of it: make bench-scale ROWS=10000000 ENGINE=sqlite (or postgresql, both).
ROWS ?= 1000000
ENGINE ?= both
bench-scale: $(STAMP)
	@$(BIN)/python -m bench.scale --rows $(ROWS) --engine $(ENGINE)

# What goes wrong is chosen by a seed, which is printed: make torture SEED=7 does it again (how the machine's processes
# come between each other is not part of it).
torture: $(STAMP)
	@$(BIN)/python -m bench.torture $(SEED)

# Weeks of digests and alerts on one clock: 1,000 seeds, or one with all that happened (make simulation SEED=7).
simulation: $(STAMP)
	@$(BIN)/python -m bench.simulation $(SEED)

# For maintainers: change the arithmetic of tiercore a little at a time, and list what no test notices. It goes on where it
# stopped; make mutants MODULES="tiercore.rating.sold tiercore.questions.gap" tries those again.
MODULES ?=
MINUTES ?= 30
mutants: $(STAMP)
	@$(BIN)/python -m bench.mutants --minutes $(MINUTES) $(MODULES)

# For maintainers: what every surface looks like, drawn by a browser into docs/pictures (Node 20 and Chromium are needed).
pictures: $(STAMP)
	@$(BIN)/python -m bot.playground.screenshots

# The page, then the wheel that holds it, into dist/ (without Node the wheel has no page, and the demo is the terminal's).
wheel: $(STAMP)
	@$(BIN)/python -m bot.playground.page.build
	@rm -rf build dist
	@$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir dist .
	@ls dist/*.whl

# For maintainers: pin every dependency by name, version and hash; no address is recorded. run.txt is what an installation
# needs, dev.txt that and what developers need, at the same versions.
PINNED := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate
lock: $(STAMP)
	@$(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/pip install --quiet uv
	@$(VENV)/lock/bin/uv pip compile pyproject.toml $(PINNED) -o requirements/run.txt
	@$(VENV)/lock/bin/uv pip compile pyproject.toml --extra dev --constraint requirements/run.txt $(PINNED) -o requirements/dev.txt

clean:
	rm -rf $(VENV) .demo build dist mutants .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info bot/playground/page/web/node_modules bot/playground/page/web/dist tests/support/prism/node_modules
