# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.tests.vmfleet.suite import matrix
from ansible_collections.ebpf.fleet.tests.vmfleet.suite.outcome import Host, Outcome
from ansible_collections.ebpf.fleet.tests.vmfleet.suite.plan import Step

COLUMNS = {"old": "5.10", "new": "newest"}
STEP = Step("bpf_prog_info", None, "fleet", ("bpf_prog_info",))


def ran(step=STEP, **hosts):
    return step, Outcome(hosts, 1, True)


def good(*records):
    return Host(tasks=1, told={"bpf_prog_info": list(records)} if records else {})


def test_a_module_is_ok_partly_unsupported_or_failed():
    lacking = {"unavailable": {"x": "unsupported", "y": "EPERM"}}
    found = matrix.build([ran(old=good(lacking), new=good({"x": 1}))], COLUMNS)
    assert found == {"bpf_prog_info": {"5.10": {"state": "partly", "missing": ["x"]}, "newest": {"state": "ok"}}}
    found = matrix.build([ran(old=good({"unsupported": "no links"}), new=Host(tasks=3, failures=["x"]))], COLUMNS)
    assert found["bpf_prog_info"] == {
        "5.10": {"state": "unsupported", "reason": "no links"},
        "newest": {"state": "failed"},
    }


def test_one_bad_step_of_several_makes_a_cell_bad_and_one_that_was_left_out_does_not():
    other = Step("case x", None, "fleet", ("bpf_prog_info",))
    left_out = Step("y", None, "fleet", ("bpf_prog_info",), left_out="because")
    done = [ran(old=good()), ran(other, old=Host(tasks=1, unreachable="away")), ran(left_out)]
    assert matrix.build(done, COLUMNS) == {"bpf_prog_info": {"5.10": {"state": "failed"}}}
    assert matrix.build([ran(old=good()), ran(left_out)], COLUMNS)["bpf_prog_info"]["5.10"] == {"state": "ok"}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ({"state": "ok"}, {"state": "ok"}, None),
        ({"state": "partly", "missing": ["x"]}, {"state": "ok"}, None),
        ({"state": "partly", "missing": ["x", "y"]}, {"state": "partly", "missing": ["y"]}, None),
        ({"state": "ok"}, {"state": "partly", "missing": ["x"]}, "m on Linux 5.10: partly, was ok"),
        (
            {"state": "partly", "missing": ["x"]},
            {"state": "partly", "missing": ["y"]},
            "m on Linux 5.10: y missing, was there",
        ),
        ({"state": "ok"}, {"state": "failed"}, "m on Linux 5.10: failed, was ok"),
        ({"state": "ok"}, None, "m on Linux 5.10: not run, was ok"),
    ],
)
def test_a_cell_that_gets_worse_is_told(old, new, says):
    now = {"m": {"5.10": new}} if new else {}
    assert matrix.worse({"m": {"5.10": old}}, now, ["5.10"]) == ([says] if says else [])


def test_columns_that_did_not_run_are_not_compared():
    assert matrix.worse({"m": {"5.10": {"state": "ok"}}}, {}, ["6.1"]) == []


def test_the_page_is_that_of_the_data():
    # make fleet-test ARGS=--record writes both, python3 tests/vmfleet/suite page the page alone
    assert matrix.PAGE.read_text(encoding="utf-8") == matrix.page(matrix.read())


def test_the_data_has_every_module_on_every_kernel():
    data = matrix.read()
    modules = {path.stem for path in (matrix.ROOT / "plugins" / "modules").glob("*.py")}
    assert set(data["modules"]) <= modules
    for cells in data["modules"].values():
        assert set(cells) == set(data["kernels"])
        assert {cell["state"] for cell in cells.values()} <= {"ok", "partly", "unsupported"}


def test_a_page_names_kernels_in_their_order_and_what_is_missing():
    machine = {"userland": "x", "python": "3"}
    kernels = {"newest": {"release": "7.3.4", **machine}, "5.10": {"release": "5.10.0", **machine}}
    cells = {"5.10": {"state": "partly", "missing": ["verified_insns"]}, "newest": {"state": "ok"}}
    page = matrix.page({"kernels": kernels, "modules": {"bpf_prog_info": cells}})
    assert page.index("Linux 5.10") < page.index("Linux 7.3")
    assert "     - partly: no ``verified_insns``\n     - ok\n" in page
