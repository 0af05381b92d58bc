# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel import systemd
from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.systemd import Systemctl, SystemdError


class Run:
    def __init__(self, status=0, output="", errors=""):
        self.answer, self.words = (status, output, errors), None

    def __call__(self, words):
        self.words = " ".join(words)
        return self.answer


def test_systemd_runs_where_its_folder_is(tmp_path, monkeypatch):
    monkeypatch.setattr(systemd, "BOOTED", str(tmp_path))
    assert systemd.is_booted()
    monkeypatch.setattr(systemd, "BOOTED", str(tmp_path / "no"))
    assert not systemd.is_booted()


def test_properties_are_a_table():
    run = Run(output="A=1\nB=x=y\nC=\nnoise\n")
    assert Systemctl(run).show("a.service", ("A", "B")) == {"A": "1", "B": "x=y", "C": ""}
    assert run.words == "systemctl --no-ask-password show --no-pager --property=A,B -- a.service"
    assert Systemctl(run).show(None, ("A",)) and run.words.endswith("--property=A")


def test_names_are_the_first_words():
    run = Run(output="a@1.service loaded active running x\na@2.service loaded active running y\n\n")
    assert Systemctl(run).loaded("a@*.service") == ["a@1.service", "a@2.service"]
    assert run.words.endswith("-- a@*.service") and "--plain" in run.words


def test_no_unit_file_is_an_answer_and_no_failure():
    assert Systemctl(Run(1)).unit_files("a@.service") == []
    assert Systemctl(Run(0, "a@.service static -\n")).unit_files("a@.service") == ["a@.service"]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (Systemctl.daemon_reload, "daemon-reload"),
        (Systemctl.daemon_reexec, "daemon-reexec"),
        (lambda systemctl: systemctl.try_restart(["a", "b"]), "try-restart -- a b"),
    ],
)
def test_verbs(call, words):
    run = Run()
    call(Systemctl(run))
    assert run.words == "systemctl --no-ask-password " + words
    with pytest.raises(SystemdError) as caught:
        call(Systemctl(Run(4, "", "Access denied\nSee journal\n")))
    assert (caught.value.call, caught.value.status, str(caught.value)) == (
        "systemctl " + words,
        4,
        "Access denied See journal",
    )


def test_a_failure_without_words_tells_its_status():
    with pytest.raises(SystemdError, match="exit status 3"):
        Systemctl(Run(3)).show("a", ("A",))
