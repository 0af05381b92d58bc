# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import socket
import struct

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import KernelError, Vanished
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import map_holder
from ansible_collections.ebpf.fleet.plugins.module_utils._uapi import map_types


def opened(kind, **wanted):
    return map_holder.holders(kind, wanted)


def test_a_process(no_leaks):
    ((name, fd),) = opened(map_types.TASK_STORAGE, pid=os.getpid())
    with fd:
        assert name == {"pid": os.getpid()}
        assert "pidfd" in os.readlink(f"/proc/self/fd/{fd.number}")
        assert map_holder.key(fd) == struct.pack("=i", fd.number)


def test_a_file_and_a_folder(no_leaks, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for kind, name, path in (
        (map_types.INODE_STORAGE, "path", str(tmp_path / "pipe")),  # opening it for good would wait for ever
        (map_types.CGRP_STORAGE, "cgroup", str(tmp_path)),
    ):
        ((told, fd),) = opened(kind, **{name: path})
        with fd:
            assert told == {name: path}
            assert os.readlink(f"/proc/self/fd/{fd.number}") == path


@pytest.mark.parametrize(("kind", "name"), [(map_types.INODE_STORAGE, "path"), (map_types.CGRP_STORAGE, "cgroup")])
def test_what_is_not_there(kind, name, tmp_path):
    with pytest.raises(Vanished, match=f"open {tmp_path}/none: "):
        opened(kind, **{name: f"{tmp_path}/none"})


def test_a_file_is_no_control_group(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(KernelError, match="ENOTDIR"):
        opened(map_types.CGRP_STORAGE, cgroup=str(tmp_path / "file"))


def test_sockets_of_a_process(no_leaks):
    one, other = socket.socketpair()
    with one, other:
        inode = os.fstat(one.fileno()).st_ino
        ((name, fd),) = opened(map_types.SK_STORAGE, pid=os.getpid(), fd=one.fileno())
        with fd:
            assert name == {"pid": os.getpid(), "fd": one.fileno()}
            assert os.fstat(fd.number).st_ino == inode
        found = opened(map_types.SK_STORAGE, pid=os.getpid())
        assert {one.fileno(), other.fileno()} <= {name["fd"] for name, _fd in found}
        for _name, fd in found:
            fd.close()


def test_no_such_process():
    with pytest.raises(KernelError):
        opened(map_types.TASK_STORAGE, pid=2**22 + 5)
    with pytest.raises(Vanished):
        opened(map_types.SK_STORAGE, pid=2**22 + 5)
