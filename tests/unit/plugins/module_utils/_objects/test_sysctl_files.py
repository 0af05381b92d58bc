# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os
import pathlib
import random
import re
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ebpf.fleet.plugins.module_utils._objects import sysctl_files

KPTR = "kernel.kptr_restrict"
HARDEN = "net.core.bpf_jit_harden"
SYSTEMD_SYSCTL = "/usr/lib/systemd/systemd-sysctl"


def plant(root, **files):
    """Write files below a root; ``usr__lib__10`` is usr/lib/sysctl.d/10.conf."""
    for key, text in files.items():
        *parts, name = key.split("__")
        path = root.joinpath(*parts, "sysctl.d", name + ".conf")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def read(root, name=KPTR):
    return sysctl_files.read([name], str(root))[name]


def values(root, name=KPTR):
    merged = read(root, name)
    return tuple(line and line.value for line in (merged.systemd, merged.procps))


def lines_of(text):
    return sysctl_files.parse(text.encode(), "f")


def decide(text, name=KPTR):
    key, lines = name.replace(".", "/"), lines_of(text)
    decided = sysctl_files.decide_systemd(key, lines), sysctl_files.decide_procps(key, lines)
    return tuple(line and line.value for line in decided)


# ------------------------------------------------------------ files


def test_a_host_without_any_file_sets_nothing(tmp_path):
    assert read(tmp_path) == sysctl_files.Merged(None, None, 0, 0, [])


def test_files_are_sorted_by_name_over_all_directories(tmp_path):
    plant(tmp_path, etc__10="kernel.kptr_restrict=1\n", usr__lib__50="# a comment\n\nkernel.kptr_restrict=2\n")
    merged = read(tmp_path)
    assert merged.systemd == merged.procps
    assert merged.systemd[:2] == ("/usr/lib/sysctl.d/50.conf", 3)
    assert [(line.file, line.value) for line in merged.lines] == [
        ("/etc/sysctl.d/10.conf", "1"),
        ("/usr/lib/sysctl.d/50.conf", "2"),
    ]


@pytest.mark.parametrize("count", range(1, 5))
def test_a_name_hides_its_namesakes_in_later_directories(tmp_path, count):
    order = ["etc", "run", "usr__local__lib", "usr__lib", "lib"]
    for number, directory in enumerate(order[count:]):
        plant(tmp_path, **{f"{directory}__50": f"kernel.kptr_restrict={number}\n"})
    plant(tmp_path, **{f"{order[count - 1]}__50": "kernel.kptr_restrict=9\n"})
    assert values(tmp_path) == ("9", "9")


@pytest.mark.parametrize("kind", ["devnull", "empty", "directory", "dangling"])
def test_a_file_is_masked_by(tmp_path, kind):
    plant(tmp_path, usr__lib__50="kernel.kptr_restrict=1\n")
    mask = tmp_path / "etc/sysctl.d/50.conf"
    mask.parent.mkdir(parents=True)
    {
        "devnull": lambda: mask.symlink_to("/dev/null"),
        "empty": mask.touch,
        "directory": mask.mkdir,
        "dangling": lambda: mask.symlink_to("nowhere"),
    }[kind]()
    assert read(tmp_path) == sysctl_files.Merged(None, None, 0, 0, [])


def test_only_procps_reads_the_single_file_and_reads_it_last(tmp_path):
    plant(tmp_path, etc__99="kernel.kptr_restrict=1\n")
    (tmp_path / "etc/sysctl.conf").write_text("kernel.kptr_restrict=2\n")
    assert values(tmp_path) == ("1", "2")


def test_a_link_to_the_single_file_makes_systemd_read_it_too(tmp_path):
    plant(tmp_path, etc__10="kernel.kptr_restrict=1\n")
    (tmp_path / "etc/sysctl.conf").write_text("kernel.kptr_restrict=2\n")
    (tmp_path / "etc/sysctl.d/99-sysctl.conf").symlink_to("../sysctl.conf")
    merged = read(tmp_path)
    assert merged.systemd.file == "/etc/sysctl.d/99-sysctl.conf"
    assert merged.procps.file == "/etc/sysctl.conf"


def test_names_with_a_leading_dot_are_for_procps_only(tmp_path):
    plant(tmp_path, **{"etc__.hidden": "kernel.kptr_restrict=1\n"})
    assert values(tmp_path) == (None, "1")


def test_other_endings_are_not_read(tmp_path):
    plant(tmp_path, etc__x="")
    (tmp_path / "etc/sysctl.d/README.sysctl").write_text("kernel.kptr_restrict=1\n")
    (tmp_path / "etc/sysctl.d/a.conf.rpmnew").write_text("kernel.kptr_restrict=1\n")
    assert values(tmp_path) == (None, None)


def test_a_directory_that_is_a_file_is_no_directory(tmp_path):
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/sysctl.d").touch()
    assert values(tmp_path) == (None, None)


# ------------------------------------------------------------ what cannot be read


def refuse(path):
    raise PermissionError(errno.EACCES, "no", path)


@pytest.fixture
def locked(monkeypatch):
    """Refuse to open the paths that end in "locked.conf"."""
    real = open

    def fake(path, *args, **kwargs):
        return refuse(path) if str(path).endswith("locked.conf") else real(path, *args, **kwargs)

    monkeypatch.setattr("builtins.open", fake)


def test_an_unreadable_file_leaves_the_earlier_value_in_doubt(tmp_path, locked):
    plant(tmp_path, etc__10="kernel.kptr_restrict=1\n", etc__50locked="")
    merged = read(tmp_path)
    assert (merged.doubt_systemd, merged.doubt_procps) == (errno.EACCES, errno.EACCES)


def test_an_assignment_behind_an_unreadable_file_is_sure(tmp_path, locked):
    plant(tmp_path, etc__50locked="", etc__60="kernel.kptr_restrict=1\n")
    merged = read(tmp_path)
    assert (merged.doubt_systemd, merged.doubt_procps, merged.systemd.value) == (0, 0, "1")
    assert read(tmp_path, HARDEN).doubt_systemd == errno.EACCES


def test_a_glob_behind_an_unreadable_file_is_not_sure(tmp_path, locked):
    plant(tmp_path, etc__50locked="", etc__60="kernel.kptr_*=1\n")
    assert read(tmp_path).doubt_systemd == errno.EACCES


def test_a_directory_that_cannot_be_listed_leaves_everything_in_doubt(tmp_path, monkeypatch):
    real = os.listdir
    monkeypatch.setattr(os, "listdir", lambda path: refuse(path) if path.endswith("/run/sysctl.d") else real(path))
    plant(tmp_path, etc__99="kernel.kptr_restrict=1\n")
    assert read(tmp_path).doubt_procps == errno.EACCES


# ------------------------------------------------------------ lines


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("kernel.kptr_restrict=1", "kernel/kptr_restrict", "1"),
        ("  kernel/kptr_restrict \t=  1 \r", "kernel/kptr_restrict", "1"),
        ("-kernel.kptr_restrict = 1", "kernel/kptr_restrict", "1"),
        ("- kernel.kptr_restrict = 1", "kernel/kptr_restrict", "1"),
        ("-kernel.kptr_restrict", "kernel/kptr_restrict", None),
        ("kernel.kptr_restrict =", "kernel/kptr_restrict", ""),
        ("kernel.kptr_restrict = 1 # why", "kernel/kptr_restrict", "1 # why"),
        ("a.b = c = d", "a/b", "c = d"),
        ("net.ipv4.conf.enp3s0/200.forwarding=1", "net/ipv4/conf/enp3s0.200/forwarding", "1"),
        ("net/ipv4/conf/enp3s0.200/forwarding=1", "net/ipv4/conf/enp3s0.200/forwarding", "1"),
        ("/kernel//./kptr_restrict=1", "kernel/kptr_restrict", "1"),
        ("plain=1", "plain", "1"),
    ],
)
def test_a_line_is_a_path_and_a_value(text, key, value):
    (line,) = lines_of(text)
    assert (line.key, line.value) == (key, value)


@pytest.mark.parametrize(
    "text", ["", "   ", "# kernel.kptr_restrict=1", "  ;kernel.kptr_restrict=1", "kernel.kptr_restrict", "\0"]
)
def test_other_lines_say_nothing(text):
    assert lines_of(text) == []


@given(st.binary())
def test_no_text_is_an_error(text):
    for line in sysctl_files.parse(text, "f"):
        assert line.number <= text.count(b"\n") + 1
        assert not line.key.startswith("/")


@pytest.mark.parametrize(
    ("text", "kptr", "harden"),
    [
        # Windows: both tools take the CR for a blank
        (b"kernel.kptr_restrict=1\r\nnet.core.bpf_jit_harden=2\r\n", ("1", "1"), ("2", "2")),
        (b"# why\r\n\r\n-kernel.kptr_restrict = 1 \r\n-net.core.bpf_jit_harden\r\n", ("1", "1"), (None, None)),
        # what procps writes is "1\rnet.core.bpf_jit_harden=2", and the kernel refuses it
        (b"kernel.kptr_restrict=1\rnet.core.bpf_jit_harden=2\n", ("1", None), ("2", None)),
        (b"# why\rkernel.kptr_restrict=1\n", ("1", None), (None, None)),
        (b"\rkernel.kptr_restrict=1\n", ("1", "1"), (None, None)),
        # for procps a line ends at its first NUL
        (b"kernel.kptr_restrict=1\0net.core.bpf_jit_harden=2\n", ("1", "1"), ("2", None)),
        (b"\0\0kernel.kptr_restrict=1\0\n", ("1", None), (None, None)),
        (b"kernel.kptr_restrict=1\n\0\0\0", ("1", "1"), (None, None)),
    ],
)
def test_systemd_ends_a_line_at_other_signs_too(tmp_path, text, kptr, harden):
    plant(tmp_path, etc__10="")
    (tmp_path / "etc/sysctl.d/10.conf").write_bytes(text)
    assert (values(tmp_path), values(tmp_path, HARDEN)) == (kptr, harden)


def test_all_parts_of_a_line_have_its_number():
    lines = sysctl_files.lines_of("f", b"# why\r\na=1\rb=2\0c=3\nd=4\n")
    assert [(line.number, line.key, line.value) for line in lines] == [
        (2, "a", "1"),
        (2, "b", "2"),
        (2, "c", "3"),
        (3, "d", "4"),
    ]


# ------------------------------------------------------------ decisions


@pytest.mark.parametrize(
    ("text", "systemd", "procps"),
    [
        ("kernel.kptr_restrict=1\nkernel/kptr_restrict=2", "2", "2"),
        ("kernel.kptr_*=1", "1", "1"),
        ("kernel.*=1\nkernel.kptr_*=2", "2", "2"),
        ("kernel.kptr_*=2\nkernel.*=1", "1", "1"),
        # the same value again keeps a glob at its place, another one moves it to the end
        ("kernel.k*=1\nkernel.kptr_*=2\nkernel.k*=1", "2", "1"),
        ("kernel.k*=1\nkernel.kptr_*=2\nkernel.k*=3", "3", "3"),
        # names win over globs wherever they stand
        ("kernel.kptr_restrict=1\nkernel.*=2", "1", "1"),
        ("kernel.*=2\nkernel.kptr_restrict=1", "1", "1"),
        # a name that procps does not see as the same path wins only by its place
        ("/kernel/kptr_restrict=1\nkernel.*=2", "1", "2"),
        # a line without a value
        ("kernel.*=2\n-kernel.kptr_restrict", None, None),
        ("-kernel.kptr_restrict\nkernel.*=2", None, None),
        ("kernel.kptr_restrict=1\n-kernel.kptr_restrict", None, "1"),
        ("-kernel.kptr_restrict\nkernel.kptr_restrict=1", "1", "1"),
        ("kernel.k*=1\n-kernel.*", "1", None),
        ("kernel.*=1\n-kernel.*", None, None),
        # stars do not cross a slash, except where procps keeps globs away
        ("*=1", None, None),
        ("*.kptr_restrict=1", "1", "1"),
        ("kernel.kptr_restric[s-u]=1", "1", "1"),
        ("kernel.kptr_restric[^t]=1", None, None),
        ("kernel.kptr_restric?=1", "1", "1"),
        ("*.*=1\n-*", "1", None),
        # for procps the blank belongs to the name
        ("- kernel.kptr_restrict=1", "1", None),
    ],
)
def test_the_deciding_line(text, systemd, procps):
    assert decide(text) == (systemd, procps)


@pytest.mark.parametrize(
    ("text", "systemd", "procps"),
    [
        ("NAME=1\nNAME=2", "2", "1"),
        ("NAME=2\nNAME=1\nNAME=0", "0", "1"),
        ("NAME=2\nNAME=0", "0", "0"),
        ("NAME=0x1\nkernel/unprivileged_bpf_disabled=2", "2", "0x1"),
        # wildcards are written in their turn by both
        ("kernel.unprivileged_bpf_*=1\nkernel.*_bpf_disabled=2", "1", "1"),
        ("kernel.unprivileged_bpf_*=1\nNAME=2", "2", "2"),
        ("kernel.*_bpf_disabled=2\nkernel.unprivileged_bpf_*=0", "0", "0"),
    ],
)
def test_a_latch_that_is_written_on_the_way_stays(text, systemd, procps):
    name = "kernel.unprivileged_bpf_disabled"
    assert decide(text.replace("NAME", name), name) == (systemd, procps)


def test_every_line_that_assigns_is_listed(tmp_path):
    plant(tmp_path, etc__10="kernel.*=1\nkernel.panic=5\n-kernel.kptr_restrict\n", etc__20="kernel.kptr_restrict=2\n")
    assert [(line.number, line.value) for line in read(tmp_path).lines] == [(1, "1"), (1, "2")]


def test_lines_about_other_settings_cost_nothing(tmp_path, monkeypatch):
    foreign = "".join(f"net.ipv4.conf.eth{number}.forwarding = 1\n" for number in range(200))
    plant(tmp_path, etc__10=foreign, etc__20="kernel.kptr_restrict=1\n/kernel//kptr_restrict=2\nkernel.*=3\n")
    real, seen = sysctl_files.merge, []
    monkeypatch.setattr(sysctl_files, "merge", lambda key, *both: seen.extend(map(len, both)) or real(key, *both))
    assert values(tmp_path) == ("2", "2") and len(read(tmp_path).lines) == 3
    assert set(seen) == {3}


# ------------------------------------------------------------ the programs themselves, in a cage


LEFT = (
    "kernel.kptr_restrict",
    "kernel/kptr_restrict",
    "kernel..kptr_restrict",
    "kernel//kptr_restrict",
    "/kernel/kptr_restrict",
    "- kernel.kptr_restrict",
    "kernel.kptr_[a-r]estrict",
    "kernel.kptr_[^x]estrict",
    "*.kptr_restrict",
    "kernel.*",
    "net.core.bpf_jit_harden",
    "net/core/bpf_jit_harden",
    "net.core.bpf_*",
    "net.*.bpf_jit_harde?",
    "net.*",
    "*",
)
RIGHT = ("{}={}", "{} = {}", "-{}={}", "  {}\t=\t{}  ", "# {}={}", "; {}={}", "{}", "{}={} # c", "{}={}=1", "{}={}\r")
# procps before 4.0.4 does not know globs in a line without a value
WITHOUT_VALUE = ("-kernel.kptr_restrict", "-net.core.bpf_jit_harden", "-kernel/kptr_restrict")
FILES = ("10-a.conf", "50-b.conf", "99-z.conf", "A.conf", ".hidden.conf", "b.txt")


def libraries(program):
    text = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    return re.findall(r"(?:=> |^\s+)(/\S+)", text, re.MULTILINE)


@pytest.fixture(scope="module")
def cage(tmp_path_factory):
    """A root of its own with both programs, where /proc/sys is made of plain files: nothing reaches the kernel."""
    programs = [SYSTEMD_SYSCTL, shutil.which("sysctl", path="/usr/sbin:/sbin") or "/none"]
    if os.geteuid() != 0 or not all(map(os.path.exists, programs)):
        pytest.skip("needs root, systemd-sysctl and sysctl")
    version = subprocess.run([programs[1], "--version"], capture_output=True, text=True, check=True).stdout
    if int(re.search(r"(\d+)\.\d+", version)[1]) < 4:
        pytest.skip("procps before 4 knows no globs")
    root = tmp_path_factory.mktemp("cage")
    for program in programs:
        for file in (program, *libraries(program)):
            target = root / file.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)
    return root, {"systemd": [programs[0]], "procps": [programs[1], "-q", "--system"]}


def random_line(rand):
    if rand.random() < 0.1:
        return rand.choice(WITHOUT_VALUE)
    return rand.choice(RIGHT).format(rand.choice(LEFT), rand.randint(0, 9))


def random_text(rand, ends):
    return "".join(random_line(rand) + rand.choice(ends) for _turn in range(rand.randint(0, 4)))


def random_tree(rand, root, ends):
    (root / "etc/sysctl.conf").unlink(missing_ok=True)
    for directory in sysctl_files.DIRECTORIES:
        folder = root / directory.lstrip("/")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in FILES:
            path = folder / name
            action = rand.choices(["none", "text", "null", "folder", "dangling"], [60, 30, 5, 3, 2])[0]
            if action == "text":
                path.write_bytes(random_text(rand, ends).encode())
            elif action == "folder":
                path.mkdir()
            elif action != "none":
                path.symlink_to("/dev/null" if action == "null" else "nowhere")
    if rand.random() < 0.5:
        (root / "etc/sysctl.conf").write_bytes(random_text(rand, ends).encode())


def applied(root, command):
    """Return what a program writes to the two settings of the cage."""
    files = {name: pathlib.Path(root, "proc/sys", name.replace(".", "/")) for name in (KPTR, HARDEN)}
    for path in files.values():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("untouched\n")
    subprocess.run(["chroot", root, *command], capture_output=True, check=False)
    return {name: path.read_text().split("\n")[0] for name, path in files.items()}


@pytest.mark.parametrize("seed", range(40))
def test_the_answer_is_what_the_programs_do(cage, seed):
    root, programs = cage
    random_tree(random.Random(seed), root, ("\n", "\r\n"))
    merged = sysctl_files.read([KPTR, HARDEN], str(root))
    for tool, command in programs.items():
        assert chosen(merged, tool) == applied(root, command), tool


@pytest.mark.parametrize("seed", range(40))
def test_the_answer_is_what_systemd_does_with_other_ends_of_lines(cage, seed):
    """The files of the cage keep what procps makes of a CR, which a kernel refuses."""
    root, programs = cage
    random_tree(random.Random(seed), root, ("\r", "\0", "\n"))
    merged = sysctl_files.read([KPTR, HARDEN], str(root))
    assert chosen(merged, "systemd") == applied(root, programs["systemd"])


def chosen(merged, tool):
    decided = {name: getattr(merged[name], tool) for name in (KPTR, HARDEN)}
    return {name: line.value if line else "untouched" for name, line in decided.items()}
