# SPDX-License-Identifier: Apache-2.0
# `make quickstart` and `make test` work on a fresh machine; `make help` lists the rest.
PYTHON ?= /usr/bin/python3
SUDO := $(shell test "$$(id -u)" = 0 || echo sudo)
APT := $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get -q -y
XSBUILD := .venv/bin/xsbuild
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

.PHONY: test
test: .venv  ## every test this machine can run, real builds included
	$(PYTEST)

.PHONY: test-unit
test-unit: .venv  ## the tests that need no chroot
	$(PYTEST) -m 'not chroot'

.PHONY: test-full
test-full: .venv  ## `test` and the slow ones
	$(PYTEST) --run-slow

# xsbuild, and what a user would use instead, on the same work in turns; the pages of results are
# committed. sbuild and pbuilder are xsbuild's own tools, obs-build is only compared.
.PHONY: bench
bench: .venv  ## measure speed against other builders: a table and a plot in bench/results
	.venv/bin/pip install --quiet --editable '.[dev,bench]'
	$(APT) install --no-install-recommends obs-build || true
	$(SUDO) env PYTHONPATH=tests:. .venv/bin/python -m bench

.PHONY: lint
lint: .venv  ## style and types
	.venv/bin/ruff check --no-cache .
	.venv/bin/ruff format --no-cache --check .
	.venv/bin/mypy

.PHONY: docs
docs: .venv  ## write the generated parts of the documentation
	.venv/bin/python -m xsbuild.manifest.reference > docs/manifest.md
	.venv/bin/python -m xsbuild.manifest.reference schema > docs/manifest.schema.json
	.venv/bin/python -m xsbuild.reports.components README.md

# Host packages: the list is the tool table's, plus what runs and tests xsbuild itself.
.PHONY: deps
deps:  ## install the host packages
	$(APT) update
	$(APT) install --no-install-recommends python3 python3-venv ca-certificates
	$(APT) install --no-install-recommends $$($(PYTHON) src/xsbuild/host/tools.py) \
	    lintian openssl procps shellcheck

.venv: .venv/ready
.venv/ready: pyproject.toml
	$(MAKE) deps
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --editable '.[dev]'
	touch $@

.PHONY: clean
clean:  ## remove what `make` made here; caches stay
	rm -rf .venv dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
