# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os
import shutil

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.errors import Denied
from ansible_collections.ebpf.fleet.plugins.module_utils._objects import ids, owners

PROG = "anon_inode:bpf-prog"
MAP = "anon_inode:bpf-map"
NEW_MAP = b"pos:\t0\nflags:\t02000002\nmnt_id:\t15\nino:\t1058\nmap_type:\t1\nmap_id:\t%d\nfrozen:\t0\n"
OLD_MAP = b"pos:\t0\nflags:\t02000002\nmnt_id:\t9\nmap_type:\t1\nmemlock:\t4096\nmap_id:\t%d\n"
NEW_PROG = b"pos:\t0\nflags:\t02000002\nprog_type:\t1\nprog_tag:\t0102\nprog_id:\t%d\nverified_insns:\t2\n"


def test_who_holds_what(proc, no_leaks):
    proc.add_process(1, "init", {0: ("/dev/null", b"pos:\t0\n")})
    proc.add_process(70, "agent", {3: (PROG, NEW_PROG % 5), 4: (MAP, NEW_MAP % 6), 5: (MAP, OLD_MAP % 7)})
    proc.add_process(9, "other", {3: (MAP, NEW_MAP % 6), 4: ("socket:[77]", None)})
    found = owners.scan()
    assert found.of("prog", 5) == [70]
    assert found.of("map", 6) == [9, 70]
    assert found.of("map", 7) == [70]
    assert found.of("map", 5) == []
    assert found.comm == {70: b"agent", 9: b"other"}
    assert found.denied is None


@pytest.mark.parametrize(
    ("link", "kind", "text"),
    [
        ("anon_inode:bpf-prog", "prog", b"prog_id:\t44\n"),
        ("anon_inode:bpf-map", "map", b"map_id:\t44\n"),
        ("anon_inode:bpf_link", "link", b"link_type:\txdp\nlink_id:\t44\nprog_tag:\t00\nprog_id:\t9\n"),
        ("anon_inode:bpf-link", "link", b"link_id:\t44\nprog_id:\t9\n"),
        ("anon_inode:btf", "btf", b"btf_id:\t44\n"),
    ],
)
def test_every_kind_by_the_names_of_old_and_new_kernels(proc, link, kind, text):
    proc.add_process(5, fds={7: (link, b"pos:\t0\n" + text)})
    found = owners.scan()
    assert found.of(kind, 44) == [5]
    assert sum(len(table) for table in found.pids.values()) == 1


@pytest.mark.parametrize("link", ["anon_inode:bpf_iter", "anon_inode:[perf_event]", "/sys/fs/bpf/x", "anon_inode:btf "])
def test_other_descriptors_are_not_looked_into(proc, link):
    proc.add_process(5, fds={7: (link, b"map_id:\t44\nbtf_id:\t44\n")})
    found = owners.scan()
    assert (found.pids, found.comm) == (owners.Owners().pids, {})


def test_two_descriptors_of_one_object_are_one_owner(proc):
    proc.add_process(5, fds={7: (MAP, NEW_MAP % 6), 8: (MAP, NEW_MAP % 6)})
    assert owners.scan().of("map", 6) == [5]


def test_names_of_commands_are_bytes(proc):
    name = b"\xffevil\n\x1b[31m)"
    proc.add_process(5, name, {7: (MAP, NEW_MAP % 6)})
    assert owners.scan().comm == {5: name}


def test_a_descriptor_that_was_closed_or_replaced_meanwhile_is_left_out(proc):
    proc.add_process(5, fds={7: (MAP, None), 8: (MAP, b"pos:\t0\nflags:\t02\n"), 9: (MAP, NEW_MAP % 6)})
    found = owners.scan()
    assert found.pids["map"] == {6: [5]}
    assert found.denied is None


@pytest.mark.parametrize("number", [errno.ENOENT, errno.ESRCH])
@pytest.mark.parametrize("path", ["/proc/5/fd", "/proc/5/fd/", "/proc/5/fd/7", "/proc/5/fdinfo/7", "/proc/5/comm"])
def test_a_process_that_vanishes_at_any_step_is_left_out(proc, no_leaks, path, number):
    proc.add_process(5, fds={7: (MAP, NEW_MAP % 6)})
    proc.add_process(6, fds={7: (MAP, NEW_MAP % 6)})
    proc.errors[path] = number
    found = owners.scan()
    assert found.of("map", 6) == [6]
    assert (found.denied, list(found.comm)) == (None, [6])


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM])
@pytest.mark.parametrize("path", ["/proc/5/fd", "/proc/5/fd/", "/proc/5/fd/7", "/proc/5/fdinfo/7", "/proc/5/comm"])
def test_a_process_that_may_not_be_looked_into_makes_the_answer_incomplete(proc, no_leaks, path, number):
    proc.add_process(5, fds={7: (MAP, NEW_MAP % 6)})
    proc.add_process(6, fds={7: (MAP, NEW_MAP % 6)})
    proc.errors[path] = number
    found = owners.scan()
    assert found.of("map", 6) == [6]
    assert found.denied == f"{errno.errorcode[number]} on /proc/5/fd"


def test_the_first_that_is_refused_is_named(proc):
    for pid in (5, 6):
        proc.add_process(pid)
        proc.errors[f"/proc/{pid}/fd"] = errno.EACCES
    # the fake lists them backwards
    assert owners.scan().denied == "EACCES on /proc/6/fd"


@pytest.mark.parametrize(
    ("state", "denied"), [("Z", None), ("X", None), ("S", "EACCES on /proc/5/fd"), ("R", "EACCES on /proc/5/fd")]
)
def test_a_zombie_holds_nothing_though_it_answers_eacces(proc, state, denied):
    proc.add_process(5, state=state)
    proc.errors["/proc/5/fd"] = errno.EACCES
    assert owners.scan().denied == denied


def ended(proc, pid, refused, state="Z"):
    """Add a process whose main thread has ended: its descriptors are none, or EACCES to who is not root."""
    proc.add_process(pid, state=state)
    if refused:
        for base in (f"/proc/{pid}", f"/proc/{pid}/task/{pid}"):
            proc.errors[f"{base}/fd"] = errno.EACCES


REFUSED = pytest.mark.parametrize("refused", [False, True])


@REFUSED
def test_threads_that_outlive_the_main_one_still_hold(proc, no_leaks, refused):
    ended(proc, 5, refused)
    proc.add_descriptors("/proc/5/task/6", {3: (PROG, NEW_PROG % 9), 4: (MAP, NEW_MAP % 6)})
    found = owners.scan()
    assert (found.of("prog", 9), found.of("map", 6), found.comm, found.denied) == ([5], [5], {5: b"agent"}, None)


@REFUSED
@pytest.mark.parametrize("path", ["fd", "fd/"])
@pytest.mark.parametrize("number", [errno.ENOENT, errno.ESRCH])
def test_a_thread_that_vanishes_leaves_the_others(proc, no_leaks, refused, path, number):
    ended(proc, 5, refused)
    for tid in (6, 7, 8):
        proc.add_descriptors(f"/proc/5/task/{tid}", {4: (MAP, NEW_MAP % 6)} if tid == 6 else {})
    proc.errors[f"/proc/5/task/8/{path}"] = number
    found = owners.scan()
    assert (found.of("map", 6), found.denied) == ([5], None)


@REFUSED
def test_a_thread_that_may_not_be_looked_into_makes_the_answer_incomplete(proc, refused):
    ended(proc, 5, refused)
    proc.add_descriptors("/proc/5/task/6")
    proc.errors["/proc/5/task/6/fd"] = errno.EACCES
    assert owners.scan().denied == "EACCES on /proc/5/fd"


def test_threads_share_their_descriptors(proc):
    ended(proc, 5, refused=False)
    for tid in (6, 7):
        proc.add_descriptors(f"/proc/5/task/{tid}", {4: (MAP, NEW_MAP % tid)})
    # the fake lists them backwards
    assert owners.scan().pids["map"] == {7: [5]}


def test_only_a_process_that_shows_no_descriptor_is_asked_for_threads(proc):
    proc.add_process(5, fds={7: (MAP, NEW_MAP % 6)})
    proc.add_process(6)
    for pid in (5, 6):
        proc.errors[f"/proc/{pid}/task/{pid}/fd"] = errno.EACCES
    proc.errors["/proc/5/task"] = errno.EACCES
    assert owners.scan().denied is None


@pytest.mark.parametrize(
    ("namespace", "denied"),
    [
        ("pid:[4026531836]", None),
        ("pid:[4026532205]", "processes of other PID namespaces are not visible"),
    ],
)
def test_a_pid_namespace_of_its_own_hides_all_others(proc, namespace, denied):
    """BPF objects have none: everybody sees all of them."""
    os.unlink(proc.root + "/proc/self/ns/pid")
    os.symlink(namespace, proc.root + "/proc/self/ns/pid")
    proc.add_process(5, fds={7: (MAP, NEW_MAP % 6)})
    found = owners.scan()
    assert (found.of("map", 6), found.denied) == ([5], denied)


def test_a_kernel_without_pid_namespaces(proc):
    proc.errors["/proc/self/ns/pid"] = errno.ENOENT
    assert owners.scan().denied is None


def test_without_process_1_others_are_hidden_too(proc):
    """Mount options hidepid=invisible and hidepid=ptraceable."""
    shutil.rmtree(proc.root + "/proc/1")
    proc.add_process(5, fds={7: (MAP, NEW_MAP % 6)})
    found = owners.scan()
    assert (found.of("map", 6), found.denied) == ([5], "processes are hidden by hidepid")


@pytest.mark.parametrize(
    ("number", "denied"), [(errno.ENOENT, None), (errno.ESRCH, None), (errno.EACCES, "EACCES on /proc/5/fd")]
)
def test_a_process_whose_state_cannot_be_read(proc, number, denied):
    proc.add_process(5)
    proc.errors.update({"/proc/5/fd": errno.EACCES, "/proc/5/stat": number})
    assert owners.scan().denied == denied


def test_a_process_that_ends_between_listing_and_looking(proc, monkeypatch):
    proc.add_process(5, fds={7: (MAP, NEW_MAP % 6)})
    real = proc.listdir

    def listdir(path):
        names = real(path)
        shutil.rmtree(proc.root + "/proc/5")
        return names

    monkeypatch.setattr(owners.procfs, "listdir", listdir)
    assert owners.scan().comm == {}


def test_only_numbers_are_processes(proc):
    os.makedirs(proc.root + "/proc/driver/fd")
    proc.write("/proc/cmdline", b"")
    proc.errors["/proc/self/fd"] = errno.EACCES
    assert owners.scan().denied is None


def test_without_proc_there_is_no_answer(proc):
    proc.errors["/proc"] = errno.EACCES
    with pytest.raises(Denied) as caught:
        owners.scan()
    assert caught.value.call == "list /proc"


def test_this_very_process_is_found_through_the_real_proc(kernel, monkeypatch):
    """With a descriptor that the kernel handed out, and its fdinfo planted."""
    kernel.add_map(4711)
    real = owners.procfs.read
    with ids.open_id(ids.MAP, 4711) as fd:
        path = f"/proc/{os.getpid()}/fdinfo/{fd.number}"
        monkeypatch.setattr(owners.procfs, "read", lambda name: NEW_MAP % 4711 if name == path else real(name))
        found = owners.scan()
    assert found.of("map", 4711) == [os.getpid()]
    with open("/proc/self/comm", "rb") as handle:
        assert found.comm[os.getpid()] == handle.read()[:-1]
