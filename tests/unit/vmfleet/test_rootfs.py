# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import lzma
import os

import pytest

from ansible_collections.ebpf.fleet.tests.vmfleet import recipe, rootfs
from ansible_collections.ebpf.fleet.tests.vmfleet.errors import FleetError

DEPENDENCIES = """\
kernel/a/virtio.ko.xz:
kernel/a/virtio_ring.ko.xz: kernel/a/virtio.ko.xz
kernel/b/virtio-pci.ko.xz: kernel/a/virtio_ring.ko.xz kernel/a/virtio.ko.xz
kernel/c/ext4.ko.xz: kernel/c/jbd2.ko.xz kernel/c/crc16.ko.xz
kernel/c/jbd2.ko.xz:
kernel/c/crc16.ko.xz:
"""


def test_modules_come_behind_what_they_need():
    assert [rootfs.module_name(path) for path in rootfs.loading_order(DEPENDENCIES, ["virtio_pci", "ext4"])] == [
        "virtio",
        "virtio_ring",
        "virtio_pci",
        "crc16",
        "jbd2",
        "ext4",
    ]


def test_what_is_built_in_needs_no_module():
    assert rootfs.loading_order(DEPENDENCIES, ["virtio_blk"]) == []


@pytest.mark.parametrize("path", ["a/virtio-pci.ko", "a/virtio_pci.ko.xz", "virtio-pci.ko.zst"])
def test_module_names(path):
    assert rootfs.module_name(path) == "virtio_pci"


def test_packed_modules_are_unpacked(tmp_path):
    (tmp_path / "a.ko").write_bytes(b"plain")
    (tmp_path / "b.ko.xz").write_bytes(lzma.compress(b"packed"))
    (tmp_path / "c.ko.zst").write_bytes(b"?")
    assert rootfs.module_bytes(tmp_path / "a.ko") == b"plain"
    assert rootfs.module_bytes(tmp_path / "b.ko.xz") == b"packed"
    with pytest.raises(FleetError, match=r"c\.ko\.zst is packed in a way"):
        rootfs.module_bytes(tmp_path / "c.ko.zst")


class TestUserland:
    @pytest.fixture
    def words(self, monkeypatch, tmp_path):
        found = []
        monkeypatch.setattr(rootfs.commands, "output", lambda *words, **options: found.extend([*words, options]))
        monkeypatch.setattr(rootfs.sources, "apt_settings", lambda: [("Acquire::http::Proxy", "http://p.invalid/")])
        monkeypatch.setattr(rootfs.sources, "credentials", lambda: [tmp_path / "my auth.conf"])
        rootfs.userland("bookworm", ["python3", "kmod"], "http://a.invalid/debian", tmp_path / "root", 7)
        return found

    def test_it_is_built_from_the_mirror(self, words, tmp_path):
        assert words[0] == "mmdebstrap"
        assert words[-4:-1] == ["bookworm", tmp_path / "root", "http://a.invalid/debian"]
        assert "--include=python3,kmod" in words

    def test_it_goes_through_the_proxy_of_this_machine(self, words):
        assert '--aptopt=Acquire::http::Proxy "http://p.invalid/"' in words

    def test_it_logs_in_as_this_machine_does(self, words, tmp_path):
        (hook,) = [word for word in words if str(word).startswith("--setup-hook=")]
        assert f"'{tmp_path}/my auth.conf'" in hook

    def test_it_writes_nowhere_else_and_keeps_the_lock(self, words, tmp_path):
        assert words[-1]["env"]["TMPDIR"] == str(tmp_path)
        assert words[-1]["keep"] == [7]


@pytest.fixture
def guest(tmp_path, monkeypatch):
    """A configured root file system, and the commands that were run in it."""
    keys, root, called = tmp_path / "keys", tmp_path / "root", []
    monkeypatch.setattr(rootfs, "in_guest", lambda root, *command: called.append(command))
    keys.mkdir()
    for name in ("login.pub", "host", "host.pub"):
        (keys / name).write_text(f"{name}\n")
    for name in ("etc/apt/sources.list", "etc/apt/apt.conf.d/99mmdebstrap", "etc/apt/auth.conf.d/x-y.conf"):
        rootfs.places.put(root / name, "http://a.invalid")
    rootfs.places.put(root / "etc/ssh/ssh_host_rsa_key", "of the build")
    rootfs.configure(root, keys)
    return root, called


class TestGuest:
    def test_the_archive_is_named_nowhere(self, guest):
        assert [path for path in guest[0].rglob("*") if path.is_file() and "a.invalid" in path.read_text()] == []

    def test_the_host_key_is_ours(self, guest):
        assert sorted(path.name for path in (guest[0] / "etc/ssh").iterdir()) == [
            "ssh_host_ed25519_key",
            "ssh_host_ed25519_key.pub",
        ]
        assert (guest[0] / "etc/ssh/ssh_host_ed25519_key").stat().st_mode & 0o777 == 0o600

    @pytest.mark.parametrize("home", ["root", "home/ops"])
    def test_both_users_let_us_in(self, guest, home):
        assert (guest[0] / home / ".ssh/authorized_keys").read_text() == "login.pub\n"
        assert (guest[0] / home / ".ssh").stat().st_mode & 0o777 == 0o700

    def test_ops_may_use_sudo(self, guest):
        assert "NOPASSWD: ALL" in (guest[0] / "etc/sudoers.d/ops").read_text()
        assert ("useradd", "--create-home", "--shell", "/bin/bash", "ops") in guest[1]

    def test_unwanted_units_are_masked(self, guest):
        for unit in recipe.MASKED_UNITS:
            assert os.readlink(guest[0] / "etc/systemd/system" / unit) == "/dev/null"


def test_guests_have_no_pyroute2_unless_asked_for():
    assert not [package for package in recipe.PACKAGES if "pyroute2" in package]
