# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What only the kernel's own files can show of the door to them."""

from __future__ import annotations

import mmap
import os
import pathlib

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import procfs

BTF = pathlib.Path("/sys/kernel/btf/vmlinux")


@pytest.fixture
def mappable():
    """Whether this kernel maps its BTF (Linux 6.16), asked with a mapping of the test's own."""
    if not BTF.exists():
        pytest.skip("this kernel has no BTF")
    fd = os.open(BTF, os.O_RDONLY)
    try:
        mmap.mmap(fd, mmap.PAGESIZE, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ).close()
    except OSError:
        return False
    finally:
        os.close(fd)
    return True


def test_the_btf_of_the_kernel_is_mapped_where_the_kernel_can(mappable):
    found = procfs.load(str(BTF))
    assert isinstance(found, mmap.mmap) is mappable
    assert bytes(found) == BTF.read_bytes()
