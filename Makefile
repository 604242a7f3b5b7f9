# SPDX-License-Identifier: Apache-2.0
# `make quickstart` and `make test` work on a fresh machine; `make help` lists the rest.
PYTHON ?= /usr/bin/python3
SUDO := $(shell test "$$(id -u)" = 0 || echo sudo)
# A fresh machine may be upgrading itself: wait for it.
APT := $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300
XSBUILD := .venv/bin/xsbuild
# Twice quiet: once still warns of each further index in pip.conf that lacks a package.
PIP_INSTALL := .venv/bin/pip install -qq
PYTEST := .venv/bin/pytest -n 2 --dist worksteal
# what quickstart builds: all whose sources are on PyPI or in the distro
QUICKSTART := python3-xenapi xenserver-core-platform

.PHONY: help
help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/'

.PHONY: quickstart
quickstart: .venv  ## build for Debian stable, publish, install in a clean chroot
	$(SUDO) $(abspath $(XSBUILD)) build --distro debian $(QUICKSTART)
	$(SUDO) $(abspath $(XSBUILD)) test-install --distro debian $(QUICKSTART)

# what the platform's appliance needs of the product
APPLIANCE := xenserver-core-platform xenserver-core-setup xenserver-installer xenserver-appliance-base

.PHONY: appliance
appliance: .venv  ## make the platform's appliance for Debian stable: an ISO in dist/appliance
	$(SUDO) $(abspath $(XSBUILD)) build --distro debian $(APPLIANCE)
	$(SUDO) $(abspath $(XSBUILD)) appliance --distro debian xenserver-appliance-platform

.PHONY: test
test: .venv  ## every test this machine can run, real builds included
	$(PYTEST)

.PHONY: test-unit
test-unit: .venv  ## the tests that need no chroot
	$(PYTEST) -m 'not chroot'

.PHONY: test-full
test-full: .venv  ## `test` and the slow ones
	$(PYTEST) --run-slow

.PHONY: test-live
test-live: .venv  ## the tests that read what archives and package indexes have today
	$(PYTEST) --run-live --run-slow -m live

# xsbuild, and what a user would use instead, on the same work in turns; the pages of results are
# committed. sbuild and pbuilder are xsbuild's own tools, obs-build is only compared.
.PHONY: bench
bench: .venv  ## measure speed against other builders: a table and a plot in bench/results
	$(PIP_INSTALL) --require-hashes --requirement requirements/bench.txt
	$(APT) install --no-install-recommends obs-build || true
	$(SUDO) env PYTHONPATH=tests/support:tests/unit:. .venv/bin/python -m bench

# As test-unit, with a report of what ran: the total, and build/coverage.xml for a CI system.
.PHONY: coverage
coverage: .venv  ## test-unit, with a coverage report
	$(PYTEST) -m 'not chroot' --cov --cov-report=term --cov-report=xml:build/coverage.xml

.PHONY: test-newest
test-newest: deps  ## test-unit with the newest versions that pyproject.toml allows, not the locked
	$(PYTHON) -m venv --clear build/newest
	build/newest/bin/pip install -qq --editable '.[dev,build]'
	build/newest/bin/pip list
	build/newest/bin/pytest -n 2 --dist worksteal -m 'not chroot'

.PHONY: lint
lint: .venv  ## every check of .pre-commit-config.yaml: style, types, imports, spelling, CI files
	.venv/bin/pre-commit run --all-files --show-diff-on-failure

.PHONY: docs
docs: .venv  ## write the generated parts of the documentation
	.venv/bin/python -m xsbuild.manifest.reference > docs/manifest.md
	.venv/bin/python -m xsbuild.manifest.reference schema > docs/manifest.schema.json
	.venv/bin/python tools/components_table.py README.md
	.venv/bin/python tools/errors_page.py > docs/errors.md
	.venv/bin/python tools/answers_page.py > docs/answers.md
	.venv/bin/python tools/answers_page.py schema > docs/answers.schema.json

# One file for each purpose, each within the next: what xsbuild runs and is built with, what
# develops it, what measures it. The largest is resolved first and constrains the others.
COMPILE := .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
    --annotation-style line --custom-compile-command 'make update-dependencies' pyproject.toml

.PHONY: update-dependencies
update-dependencies: .venv  ## pin the newest versions that pyproject.toml allows
	$(MAKE) lock-dependencies UPGRADE=--upgrade

.PHONY: lock-dependencies
lock-dependencies: .venv  ## pin what was added to pyproject.toml, and keep the other pins
	$(COMPILE) $(UPGRADE) --all-extras --output-file requirements/bench.txt
	$(COMPILE) $(UPGRADE) --constraint requirements/bench.txt --extra dev --extra build \
	    --output-file requirements/dev.txt
	$(COMPILE) $(UPGRADE) --constraint requirements/bench.txt --extra build \
	    --output-file requirements/run.txt

# Host packages: the list is the tool table's, plus what runs and tests xsbuild itself.
.PHONY: deps
deps:  ## install the host packages
	$(APT) update
	$(APT) install --no-install-recommends python3 python3-venv ca-certificates
	$(APT) install --no-install-recommends $$($(PYTHON) src/xsbuild/host/tools.py) \
	    lintian openssl ovmf procps qemu-system-x86 rpmlint systemd-container

.venv: .venv/ready
.venv/ready: pyproject.toml requirements/dev.txt
	$(MAKE) deps
	$(PYTHON) -m venv .venv
	$(PIP_INSTALL) --require-hashes --requirement requirements/dev.txt
	$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	touch $@

.PHONY: clean
clean:  ## remove what `make` made here; caches stay
	rm -rf .venv dist build .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis
