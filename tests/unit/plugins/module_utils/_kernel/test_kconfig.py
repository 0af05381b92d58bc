# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import gzip
import os

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import kconfig
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import kernel_error

TEXT = b'# CONFIG_A is not set\nCONFIG_BPF_JIT=y\nCONFIG_BPF=m\nCONFIG_NAME="(none)"\nCONFIG_HZ=250\n'


@pytest.fixture
def files(monkeypatch):
    found = {}

    def read(path):
        if path not in found:
            raise kernel_error(f"open {path}", errno.ENOENT)
        return found[path]

    monkeypatch.setattr(kconfig, "read", read)
    return found


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CONFIG_BPF_JIT", "y"),
        ("CONFIG_BPF", "m"),
        ("CONFIG_NAME", "(none)"),
        ("CONFIG_HZ", "250"),
        ("CONFIG_A", ""),
        ("X", ""),
    ],
)
def test_options(name, value):
    assert kconfig.parse(TEXT, name) == value


def test_without_a_configuration_nothing_is_known(files):
    assert kconfig.option("CONFIG_BPF_JIT") is None


@pytest.mark.parametrize("form", kconfig._PLAIN)
def test_the_file_of_the_running_kernel(files, form):
    files[form.format("other")] = b"CONFIG_BPF_JIT=n\n"
    assert kconfig.option("CONFIG_BPF_JIT") is None
    files[form.format(os.uname().release)] = TEXT
    assert kconfig.option("CONFIG_BPF_JIT") == "y"


def test_a_masked_copy_is_none(files):
    files["/proc/config.gz"] = b""
    assert kconfig.option("CONFIG_BPF_JIT") is None


def test_the_kernels_own_copy_wins(files):
    files["/proc/config.gz"] = gzip.compress(b"CONFIG_BPF_JIT=n\n")
    files[kconfig._PLAIN[0].format(os.uname().release)] = TEXT
    assert kconfig.option("CONFIG_BPF_JIT") == "n"
