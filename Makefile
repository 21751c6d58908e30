# `make build` and `make test` are all a user needs; `make help` lists the rest.
PYTHON ?= $(shell for p in python3.12 python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null && echo $$p && break; done)
CONFIG ?= config/config.yaml
CORES ?= all
comma := ,
SNAKEMAKE := snakemake --cores $(CORES) --configfile $(CONFIG)
DISPLAY := $(if $(VERBOSE),,--logger build)
SETTINGS := $(if $(PIPELINES),'build=[$(PIPELINES)]') $(if $(COMPARE),'compare=$(COMPARE)')
OVERRIDES := $(if $(strip $(SETTINGS)),--config $(SETTINGS))
AFTER_FAILURE = || { code=$$?; $(SNAKEMAKE) --quiet all $(OVERRIDES) -- report_of_failures; exit $$code; }
LOCKS := pipeline develop export-pdmodel paddle images training rapidocr rapidocr3 cluster cluster-develop
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: help build add-model add-training demo verify-lens test test-slow test-clusters environments lint report snakemake-report verify locks clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

# Where Snakemake finds the logger plugin that shows a build.
build: export PYTHONPATH := $(CURDIR)/workflow/logger$(if $(PYTHONPATH),:$(PYTHONPATH))
build: .venv/pipeline.lock ## build everything the configuration asks for (CONFIG=, PIPELINES=a,b, CORES=, KEEP_GOING=1, VERBOSE=1)
	@python workflow/scripts/prepare_build.py
	@$(SNAKEMAKE) $(DISPLAY) $(if $(KEEP_GOING),--keep-going) $(OVERRIDES) $(if $(KEEP_GOING),$(AFTER_FAILURE))

add-model: .venv/pipeline.lock ## add a model to the catalogue (SOURCE=folder, tar or URL; NAME=; OPTIONS='--dictionary FILE …')
	@test -n "$(SOURCE)" || { echo "error: where is the model? make add-model SOURCE=folder, tar file or URL"; exit 2; }
	@python workflow/scripts/add_model.py "$(SOURCE)" $(if $(NAME),--name "$(NAME)") $(OPTIONS)

add-training: .venv/pipeline.lock ## add a recognizer trained on own lines (BASE=model; DATA='folder …'; NAME=; OPTIONS='--characters € …')
	@test -n "$(BASE)" && test -n "$(NAME)" || { echo "error: make add-training BASE=recognizer DATA=folder NAME=name"; exit 2; }
	@python workflow/scripts/add_training.py --base "$(BASE)" $(if $(DATA),--data $(DATA)) --name "$(NAME)" $(OPTIONS)

report: .venv/pipeline.lock ## write the report anew (COMPARE=folder: and what changed since those results)
	$(SNAKEMAKE) $(OVERRIDES) --forcerun report -- results/report/index.html

snakemake-report: .venv/pipeline.lock ## write results/report/snakemake.html, Snakemake's own record of the build
	$(SNAKEMAKE) $(OVERRIDES) --report results/report/snakemake.html

verify: .venv/pipeline.lock ## compare results/ with its manifest
	python workflow/scripts/manifest.py --verify results/manifest.json

PIPELINE ?= $(firstword $(subst $(comma), ,$(PIPELINES)) $(patsubst results/lens/%.zip,%,$(wildcard results/lens/*.zip)))

demo: .venv/develop.lock ## show on a page what a Lens will read (PIPELINE=, PORT=)
	@python workflow/scripts/demo.py results/lens/$(PIPELINE) $(if $(PORT),--port $(PORT))

verify-lens: .venv/develop.lock ## compare a bundle for Lens Studio, run in Node, with the Python reader (PIPELINE=, IMAGES=)
	@python workflow/scripts/verify_lens.py --pipeline results/pipelines/$(PIPELINE).json \
		--bundle results/lens/$(PIPELINE) --images $(or $(IMAGES),images)

test: .venv/develop.lock ## run the tests (EXTENDED=1: the long ones as well)
	python -m pytest -n auto --dist loadfile --no-loadscope-reorder -m "not slow and not cluster"

test-slow: .venv/develop.lock ## run the tests that build for minutes
	python -m pytest -n auto --maxschedchunk 1 -m slow

test-clusters: .venv-clusters/cluster-develop.lock ## build through Slurm, in object storage and in pods, on this machine (needs root and Debian's Slurm)
	PATH="$(CURDIR)/.venv-clusters/bin:$$PATH" SNAPML_OCR_ENVIRONMENTS="$(CURDIR)/.venv/locked-environments" \
		python -m pytest -n auto --dist loadfile -m cluster

environments: .venv/pipeline.lock ## make every locked environment ahead of a build, for nodes without internet
	for lock in export-pdmodel paddle training; do python workflow/scripts/in_environment.py envs/$$lock.lock -c '' || exit; done

lint: .venv/develop.lock ## run the linters
	ruff check .
	ruff format --check .
	mypy
	snakefmt --check Snakefile workflow/Snakefile workflow/rules
	PYTHONPATH=workflow/scripts lint-imports --no-cache
	snakemake --lint

locks: .venv/develop.lock ## write envs/*.lock anew from envs/*.in (UPGRADE=1 takes the newest versions)
	cd envs && for name in $(LOCKS); do uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --custom-compile-command "make locks" $(if $(UPGRADE),--upgrade) \
		$$name.in -o $$name.lock || exit 1; done

clean: ## remove what builds and tests leave, except the environment
	rm -rf results logs .snakemake tests/.models

# The copy of a lock inside an environment says that this lock is installed. The develop lock contains the pipeline's.
# Those who build on one machine get nothing that clusters need: that is in an environment of its own.
define installed
	@test -n "$(PYTHON)" || { echo "error: Python 3.11 or 3.12 is needed; install one or say make PYTHON=/path/to/python3.12"; exit 1; }
	@test -d $(@D) || $(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@cp $< $@
endef

.venv/%.lock: envs/%.lock
	$(installed)

.venv-clusters/%.lock: envs/%.lock
	$(installed)
