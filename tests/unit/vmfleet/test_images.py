# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import re

import pytest

from ansible_collections.ebpf.fleet.tests.vmfleet import images
from ansible_collections.ebpf.fleet.tests.vmfleet.archive import Kernel
from ansible_collections.ebpf.fleet.tests.vmfleet.errors import FleetError
from ansible_collections.ebpf.fleet.tests.vmfleet.ledger import Ledger
from ansible_collections.ebpf.fleet.tests.vmfleet.spec import parse

KERNEL = Kernel("6.1.0-50-cloud-amd64", "6.1.176-1")
SAME = {
    "spec": parse("bookworm"),
    "kernel": KERNEL,
    "mirror": "http://a.invalid",
    "public": ["login", "host"],
    "parts": ["r"],
}


def key(**changes):
    return images.image_key(**{**SAME, **changes})


def test_the_key_says_what_it_is():
    assert re.fullmatch(r"bookworm-6\.1\.0-50-cloud-amd64-[0-9a-f]{12}", key())


@pytest.mark.parametrize(
    "changes",
    [
        {"spec": parse("trixie@bookworm")},
        {"spec": parse("bookworm packages=python3-pyroute2")},
        {"kernel": Kernel("6.1.0-51-cloud-amd64", "6.1.176-1")},
        {"kernel": Kernel("6.1.0-50-cloud-amd64", "6.1.177-1")},
        {"mirror": "http://b.invalid"},
        {"public": ["login", "other"]},
        {"parts": ["another recipe"]},
    ],
)
def test_what_matters_is_in_the_key(changes):
    assert key(**changes) != key()


@pytest.mark.parametrize("text", ["bookworm=3 name=x", "bookworm append=quiet memory=512", "bookworm@bookworm/6.1"])
def test_what_does_not_matter_is_not(text):
    assert key(spec=parse(text)) == key()


def test_the_recipe_is_data_and_the_code_that_uses_it(monkeypatch):
    before = images.recipe_parts()
    assert before == images.recipe_parts()
    assert json.dumps(before)
    monkeypatch.setattr(images.recipe, "MASKED_UNITS", ["other"])
    assert images.recipe_parts() != before


class FakeSuite:
    def __init__(self, *_arguments):
        pass

    def refresh(self):
        pass

    def require(self, packages):
        if "nosuch" in packages:
            raise FleetError("no package nosuch")

    def newest(self, version):
        return KERNEL


@pytest.fixture
def builder(tmp_path, monkeypatch):
    """A builder in an empty cache; ``steps`` tells what was made, ``fail`` names the step that fails."""

    def step(name, result=None):
        def called(*arguments):
            made.steps.append(name)
            if name == made.fail:
                raise FleetError(f"{name} failed")
            if name == "userland":
                (arguments[3]).mkdir()
            return result

        monkeypatch.setattr(images.rootfs, name, called)

    def make_keys(cache):
        (cache / "keys").mkdir()
        for name in ("login.pub", "host.pub"):
            (cache / "keys" / name).write_text(name)
        return cache / "keys"

    monkeypatch.setattr(images, "keys", make_keys)
    monkeypatch.setattr(images, "Suite", FakeSuite)
    monkeypatch.setattr(images, "KEYRING", tmp_path)
    monkeypatch.setattr(images.commands, "require", lambda programs: None)
    monkeypatch.setattr(images.commands, "require_root", lambda what: None)
    made = images.Builder(tmp_path, Ledger(), "http://a.invalid")
    made.steps, made.fail = [], ""
    for name in ("userland", "configure", "install_kernel", "disk"):
        step(name)
    step("python_version", "3.11.2")
    return made


class TestBuilder:
    def test_an_image_is_built_once(self, builder, tmp_path):
        first = builder.image(parse("bookworm"))
        steps = list(builder.steps)
        assert builder.image(parse("bookworm")) == first
        assert builder.steps == steps == ["userland", "configure", "install_kernel", "python_version", "disk"]
        assert (first.kernel, first.python, first.label) == (KERNEL.release, "3.11.2", "bookworm")
        assert [step.note for step in builder.ledger.steps] == [
            f"{KERNEL.release}, {way}" for way in ("built", "from the cache")
        ]

    def test_it_can_be_built_again(self, builder):
        builder.image(parse("bookworm"))
        builder.rebuild = True
        builder.image(parse("bookworm"))
        assert builder.steps.count("disk") == 2

    @pytest.mark.parametrize("step", ["userland", "install_kernel", "disk"])
    def test_a_build_that_fails_leaves_nothing(self, builder, tmp_path, step):
        builder.fail = step
        with pytest.raises(FleetError, match=f"{step} failed"):
            builder.image(parse("bookworm"))
        assert [path.suffix for path in (tmp_path / "images").iterdir()] == [".lock"]
        builder.fail = ""
        assert builder.image(parse("bookworm")).folder.exists()

    def test_what_a_killed_build_left_is_no_image(self, builder, tmp_path):
        folder = builder.image(parse("bookworm")).folder
        (folder / "image.json").rename(folder.with_name("lost"))
        folder.rename(folder.with_name(f"{folder.name}.part"))
        assert builder.image(parse("bookworm")).folder == folder
        assert not folder.with_name(f"{folder.name}.part").exists()

    def test_an_unknown_package_is_told_first(self, builder):
        with pytest.raises(FleetError, match="no package nosuch"):
            builder.image(parse("bookworm packages=nosuch"))
        assert builder.steps == []

    def test_no_space_is_told_first(self, builder, monkeypatch):
        monkeypatch.setattr(images, "BUILD_GIB", 1e9)
        with pytest.raises(FleetError, match=r"building the image bookworm needs 1000000000\.0 GiB"):
            builder.image(parse("bookworm"))
        assert builder.steps == []
