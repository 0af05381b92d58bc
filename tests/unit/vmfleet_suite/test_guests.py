# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import subprocess
import sys
import zipfile

from ansible_collections.ebpf.fleet.tests.vmfleet.suite import guests

TRY = """
import sys
sys.path[:0] = [{archive!r}, {folder!r}]
import vmfleet_zipcache
vmfleet_zipcache.FOLDER = {cache!r}
import told
print(told.ANSWER)
"""


def test_code_is_kept_by_its_source_and_never_stale(tmp_path):
    cache, archive = tmp_path / "cache", tmp_path / "told.zip"
    cache.mkdir()
    words = {"archive": str(archive), "folder": str(guests.HERE / "guest"), "cache": str(cache)}
    for answer, kept in (("1", 1), ("1", 1), ("2", 2)):
        with zipfile.ZipFile(archive, "w") as stream:
            stream.writestr("told.py", f"ANSWER = {answer}\n")
        done = subprocess.run([sys.executable, "-c", TRY.format(**words)], capture_output=True, text=True, check=True)
        assert done.stdout == f"{answer}\n"
        assert len(list(cache.iterdir())) == kept


def test_every_guest_gets_it(monkeypatch, tmp_path):
    ran = []
    monkeypatch.setattr(guests.ssh, "run", lambda config, name, script: ran.append((name, script)))
    guests.prepare(tmp_path, ["a", "b"])
    assert sorted(name for name, _script in ran) == ["a", "b"]
    assert "setattr(zipimport, _NAME, _kept)" in ran[0][1]
