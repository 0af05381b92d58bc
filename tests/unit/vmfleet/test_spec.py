# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.tests.vmfleet.errors import FleetError
from ansible_collections.ebpf.fleet.tests.vmfleet.spec import Spec, host_names, parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bookworm", Spec("bookworm", "bookworm")),
        ("bookworm=12", Spec("bookworm", "bookworm", count=12)),
        ("trixie@trixie-backports", Spec("trixie", "trixie-backports")),
        ("trixie@trixie-backports/6.18=2", Spec("trixie", "trixie-backports", "6.18", 2)),
        ("forky@sid/7", Spec("forky", "sid", "7")),
        ("bookworm packages=bb,aa packages=cc", Spec("bookworm", "bookworm", packages=("aa", "bb", "cc"))),
        ("bookworm append=lsm=a,b append=quiet", Spec("bookworm", "bookworm", append=("lsm=a,b", "quiet"))),
        ("bookworm=2 name=odd memory=512", Spec("bookworm", "bookworm", count=2, name="odd", memory=512)),
    ],
)
def test_a_machine_is_read(text, expected):
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is empty"),
        ("Bookworm", "'Bookworm' names no"),
        ("bookworm=0", "'bookworm=0' names no"),
        ("bookworm=100", "names no"),
        ("bookworm@", "names no"),
        ("bookworm/6.1", "names no"),
        ("bookworm@bookworm/6.", "names no"),
        ("../etc", "names no"),
        ("bookworm colour=red", "'colour=red' is no setting"),
        ("bookworm name=", "'name=' is no setting"),
        ("bookworm name=a/b", "'a/b' cannot be a name"),
        ("bookworm packages=a;b", "'a;b' cannot be a package"),
        ("bookworm memory=64", "'64' cannot be a memory"),
    ],
)
def test_what_is_no_machine_is_told_with_the_grammar(text, why):
    with pytest.raises(FleetError) as caught:
        parse(text)
    assert why in str(caught.value)
    assert "write USERLAND[@KERNEL_SUITE" in str(caught.value)


def test_its_own_words_add_to_those_for_all():
    one = parse("bookworm packages=bb append=c memory=512", ("aa",), ("x",), 384)
    assert (one.packages, one.append, one.memory) == (("aa", "bb"), ("x", "c"), 512)
    assert parse("bookworm", memory=300).memory == 300


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("bookworm=2 name=x", "bookworm"),
        ("bookworm@bookworm/6.1", "bookworm@bookworm/6.1"),
        ("trixie@sid packages=aa,bb", "trixie@sid+aa+bb"),
    ],
)
def test_the_label_tells_images_apart(text, label):
    assert parse(text).label == label


class TestHostNames:
    KERNELS = ["6.1.0-50-cloud-amd64", "6.18.15+deb13-cloud-amd64"]

    def test_userland_kernel_and_number(self):
        specs = [parse("bookworm=2"), parse("trixie@sid")]
        assert host_names(specs, self.KERNELS) == [["bookworm-61-1", "bookworm-61-2"], ["trixie-618-1"]]

    def test_like_machines_are_numbered_on(self):
        specs = [parse("bookworm"), parse("bookworm=2 append=a")]
        assert host_names(specs, [self.KERNELS[0]] * 2) == [["bookworm-61-1"], ["bookworm-61-2", "bookworm-61-3"]]

    def test_a_name_alone_has_no_number(self):
        specs = [parse("bookworm name=odd"), parse("trixie=2 name=even")]
        assert host_names(specs, self.KERNELS) == [["odd"], ["even-1", "even-2"]]

    def test_two_of_one_name_are_refused(self):
        with pytest.raises(FleetError, match="two machines would be called odd-1"):
            host_names([parse("bookworm=2 name=odd"), parse("bookworm name=odd-1")], [self.KERNELS[0]] * 2)
