# Tandem. `make help` lists the targets.

PYTHON ?= python3
VENV := .venv
AUDIT := .venv-audit
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TANDEM := $(BIN)/tandem
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Without ENV a target stops: it must never choose an account by itself.
require-env = $(if $(ENV),,$(error ENV is required: make $@ ENV=local, or an environment of tandem.toml))

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | sort | expand -t 16

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	    { echo "cannot create a virtual environment; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@echo "-> virtual environment" >&2
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: up
up: $(READY) ## Start everything on this machine and release; needs no AWS account
	@$(TANDEM) up

.PHONY: down
down: $(READY) ## Stop and remove what `make up` started; .tandem stays
	@$(TANDEM) down

.PHONY: status
status: $(READY) ## Show what runs on this machine
	@$(TANDEM) status

.PHONY: check
check: $(READY) ## Check the running site and its containers (testinfra)
	@$(TANDEM) check

.PHONY: compare
compare: $(READY) ## Measure bloated and split builds side by side
	@$(TANDEM) compare

.PHONY: vendor
vendor: $(READY) ## Copy the page's chart library from its npm package into examples/static; needs npm
	@npm ci --prefix examples/charts --ignore-scripts --no-audit --no-fund --silent
	@$(BIN)/python -m tests.examples.assets --vendor

.PHONY: bench-static
bench-static: $(READY) ## Measure static builds against docker, BuildKit and umoci: an hour, 15 GB of disk
	@$(BIN)/python -m tests.bench.run --write

.PHONY: bench-push
bench-push: $(READY) ## Measure pushes to app and content, from `git push` to the new page, at 150 MB and 2.25 GB
	@$(BIN)/python -m tests.bench.push

.PHONY: bench-api
bench-api: $(READY) ## Measure what a cold start of the example APIs imports
	@$(BIN)/python -m tests.bench.cold_import

.PHONY: soak
soak: $(READY) ## Send requests at full rate for ten minutes: no process may grow. [MINUTES=…]
	@$(BIN)/python -m tests.bench.soak --minutes $(or $(MINUTES),10)

.PHONY: cost
cost: $(READY) ## Estimate the monthly cost of an environment: ENV=…
	$(require-env)
	@$(TANDEM) cost --env $(ENV)

.PHONY: bootstrap
bootstrap: $(READY) ## Create the S3 bucket for Terraform's state: ENV=…
	$(require-env)
	@$(TANDEM) bootstrap --env $(ENV)

.PHONY: plan
plan: $(READY) ## Show what a release would change, and Terraform's plan of both roots: ENV=…
	$(require-env)
	@$(TANDEM) plan --env $(ENV) || test $$? -eq 2 # 2: there are changes

.PHONY: apply
apply: $(READY) ## Apply the platform, then release the sources' heads: ENV=… [ALLOW_REPLACE=ADDRESS]
	$(require-env)
	@$(TANDEM) apply --env $(ENV) $(foreach address,$(ALLOW_REPLACE),--allow-replace '$(address)')

.PHONY: destroy
destroy: $(READY) ## Delete an environment from AWS, after a question: ENV=…
	$(require-env)
	@$(TANDEM) destroy --env $(ENV)

.PHONY: release
release: $(READY) ## Release the sources' heads: ENV=…
	$(require-env)
	@$(TANDEM) release --env $(ENV)

.PHONY: trigger
trigger: $(READY) ## Release after a push, from a repository's CI: SOURCE=app|static|api ENV=…
	$(require-env)
	$(if $(SOURCE),,$(error SOURCE is required: make trigger SOURCE=app ENV=$(ENV)))
	@$(TANDEM) trigger $(SOURCE) --env $(ENV)

.PHONY: test
test: $(READY) ## Run the tests: units, Terraform, images, and a stack of their own
	@$(BIN)/python -m tests.suite

.PHONY: test-unit
test-unit: $(READY) ## Run the fast tests, in half a minute: no processes, no servers, few random examples
	@$(BIN)/pytest -m "not docker and not stack and not terraform and not faults and not browser and not slow"

.PHONY: test-applied
test-applied: $(READY) ## Apply both Terraform roots to the local AWS, every pair of switches: half an hour
	@$(BIN)/pytest -vv -m applied

.PHONY: test-faults
test-faults: $(READY) ## Break a stack under load in every way, and print the table: an hour
	@$(BIN)/pytest tests/faults

# The same tests as in `make test`, with new cases and many more of them.
FUZZ = tests/fuzz tests/core/test_settings_hostile.py tests/registry/test_hostile.py \
    tests/git/test_hostile_trees.py tests/local/alb/test_injection.py tests/render/test_task_definition_file.py

.PHONY: fuzz
fuzz: $(READY) ## Feed random settings, task definitions, requests and answers to all readers: CASES=2000 each
	@TANDEM_FUZZ=$(or $(CASES),2000) $(BIN)/pytest $(FUZZ)

.PHONY: test-mutants
test-mutants: $(READY) ## Break safety-relevant lines one by one: each change must fail a test; 20 minutes
	@$(BIN)/python -m tests.mutants.run

.PHONY: lint
lint: $(READY) ## Check style, types, spelling, Dockerfiles, shell, workflows and Terraform
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo --cache-dir .mypy_cache/imports
	@git ls-files -z | xargs -0 $(BIN)/codespell
	@$(BIN)/hadolint images/*/Dockerfile
	@git grep -lE '^#!.*\b(ba)?sh$$' -- ':!*.py' ':!*.md' | xargs $(BIN)/shellcheck --norc
	@$(BIN)/zizmor --offline --no-progress --quiet .github/workflows examples/ci/github/*.yml
	@$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows \
	    .github/workflows/*.yml examples/ci/github/*.yml
	@sed '1,/^---$$/d' templates/release.yml | \
	    $(BIN)/check-jsonschema --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci \
	    --default-filetype yaml - examples/ci/gitlab/*.yml
	@$(BIN)/python -m pipeline.terraform.module_docs --check
	@TF_CLI_CONFIG_FILE=/dev/null terraform fmt -check -recursive terraform
	@$(BIN)/python -m pipeline.terraform.validate

# checkov pins its dependencies, so it has a virtual environment of its own.
$(AUDIT)/.ready: requirements-audit.lock
	@$(PYTHON) -m venv $(AUDIT)
	@echo "-> checkov" >&2
	@$(AUDIT)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-audit.lock
	@touch $@

.PHONY: audit
audit: $(AUDIT)/.ready ## Check Terraform and Dockerfiles with checkov, IAM policies with AWS's list of actions
	@$(AUDIT)/bin/checkov --config-file .checkov.yaml
	@$(AUDIT)/bin/python -m unittest --quiet tests/modules/audit_checks.py tests/modules/audit_policies.py

.PHONY: lock
lock: $(READY) ## Pin every dependency by hash, without naming an index
	@$(BIN)/pip install --quiet uv
	@$(BIN)/uv pip compile pyproject.toml --all-extras --universal --generate-hashes --quiet \
	    --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" -o requirements.lock
	@echo checkov | $(BIN)/uv pip compile - --python-version 3.11 --universal --generate-hashes --quiet \
	    --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" -o requirements-audit.lock

.PHONY: lock-providers
lock-providers: $(READY) ## Pin Terraform's providers by hash for Linux and macOS; needs Terraform's registry
	@$(BIN)/python -m pipeline.terraform.provider_lock

.PHONY: lock-bases
lock-bases: $(READY) ## Pin the base images by today's digests of their tags; needs their registry
	@$(BIN)/python -m pipeline.images.bases.pins

.PHONY: clean-all
clean-all: clean ## Remove also .tandem: releases, build records, the example repositories, caches
	@rm -rf .tandem

.PHONY: clean
clean: ## Remove the virtual environment and caches; the stack must be down
	@test ! -e .tandem/local/stack.json || { echo "the stack is up: make down first" >&2; exit 1; }
	@rm -rf $(VENV) $(AUDIT) .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info
