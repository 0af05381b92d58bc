# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# make audit   what runs on this host, and a report to open in the browser
# make test    the tests
# make help    everything else
#
# ANSIBLE_CORE=2.16      the ansible-core series (2.16 to 2.21; default: the newest that runs here)
# PYTHON=/path           the interpreter to use (default: the first that starts of 3.13, 3.12, 3.14, 3.11)
# SYSTEM_PACKAGES=no     make test installs no system packages

export ANSIBLE_CORE PYTHON VENV SYSTEM_PACKAGES

# Every path below is relative to this folder, and nothing expands $(CURDIR): the checkout's path may hold spaces.
IN_VENV = hacking/in-venv
# extra arguments, for example: make audit ARGS='-i production.yml'
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help audit test unit fuzz kernel integration sanity lint format docs docs-lint bench artefact oracles ci clean fleet-test fleet-smoke

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

audit: ## audit this host, or the hosts of ARGS='-i inventory'
	@ANSIBLE_INVENTORY=inventory/localhost.yml $(IN_VENV) use ansible-playbook ebpf.fleet.audit $(ARGS)

test: oracles ## unit tests, and as root the tests on the running kernel
	@$(IN_VENV) test python hacking/test.py $(ARGS)

unit: ## unit tests only
	@$(IN_VENV) test python -m pytest -q tests/unit $(ARGS)

fuzz: ## BTF damaged by chance, two million times (ARGS='-k blobs' for a part)
	@EBPF_FLEET_MUTATIONS=$${EBPF_FLEET_MUTATIONS:-2000000} EBPF_FLEET_SEED=$${EBPF_FLEET_SEED:-$$(date +%s)} \
		$(IN_VENV) test python -m pytest -q tests/unit/plugins/module_utils/_btf/test_mutations.py $(ARGS)

kernel: oracles ## tests on the running kernel only (root)
	@$(IN_VENV) test python -m pytest -q -rs tests/kernel $(ARGS)

integration: oracles ## ansible-test integration of all targets, or of ARGS=target (root)
	@$(IN_VENV) test python hacking/staged_ansible_test.py integration --local --allow-destructive $(ARGS)

fleet-test: oracles ## all modules over ssh on virtual machines with kernels from 5.10 on (root); ARGS=--record writes the support matrix
	@$(IN_VENV) test python tests/vmfleet/suite full $(ARGS)

fleet-smoke: ## each module once on three of these kernels (root)
	@$(IN_VENV) test python tests/vmfleet/suite smoke $(ARGS)

sanity: ## ansible-test sanity
	@$(IN_VENV) test python hacking/staged_ansible_test.py sanity --color no $(ARGS)

lint: ## ruff, mypy, vermin, yamllint, ansible-lint, reuse, changelog, collection docs
	@$(IN_VENV) test,lint python hacking/lint.py $(ARGS)

format: ## let ruff format the code
	@$(IN_VENV) lint ruff check -q --fix-only .
	@$(IN_VENV) lint ruff format .

docs-lint: ## documentation checks alone
	@$(IN_VENV) test,lint python hacking/lint.py antsibull-docs antsibull-changelog

docs: ## HTML documentation in build/docs
	@$(IN_VENV) lint,docs python hacking/docs.py $(ARGS)

bench: ## speed, side by side with bpftool (root)
	@$(IN_VENV) test python benchmarks/run.py $(ARGS)

artefact: ## build the collection, install it into an empty folder, audit from there
	@$(IN_VENV) use python hacking/artefact.py

oracles: ## install bpftool, clang and strace where root and a package manager are here
	@hacking/oracles

ci: ## everything that .ci/run does
	@.ci/run

clean: ## remove what the targets above have made in the checkout
	rm -rf .venv* bpf-audit bpf-snapshot build reports .mypy_cache .ruff_cache .hypothesis .pytest_cache tests/output
