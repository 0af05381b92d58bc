# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy
import pathlib

import pytest

from ansible_collections.ebpf.fleet.plugins.plugin_utils._errors import FleetError
from ansible_collections.ebpf.fleet.plugins.plugin_utils._jmespath import parse
from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy import pack
from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy.judge import judge, was_not_evaluated
from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy.standard import profiles, standard
from ansible_collections.ebpf.fleet.plugins.plugin_utils._policy.values import values
from ansible_collections.ebpf.fleet.tests.unit.plugins.plugin_utils import planted

RULES = pack.load([])


# what the hosts of the cases of a rule have to fulfil, where the rule is about that
MEASURES = {"EBPF-S014": standard("none", {"kernel.kptr_restrict": 1})}


def verdict(rule: str, document: dict, measure: dict | None = None) -> dict:
    [found] = [one for one in judge(RULES, document, measure or MEASURES.get(rule)) if one["rule"] == rule]
    return found


def failed(document: dict, measure: dict) -> set[str]:
    return {one["rule"] for one in judge(RULES, document, measure) if one["verdict"] == "fail"}


def spoilt(noun: str, **keys: object) -> dict:
    document = planted.document()
    document[noun][0].update(keys)
    return document


def setting(name: str, **keys: object) -> dict:
    document = planted.document()
    planted.setting(document, name).update(keys)
    return document


def limit(charged: bool | None, **keys: object) -> dict:
    document = planted.document()
    document["memlock"]["charged"] = charged
    document["memlock"]["limits"][0].update(keys)
    return document


SOURCE = {"file": "/etc/sysctl.conf", "line": 1, "value": 1, "active_systemd": False, "active_procps": True}
FAILS = {
    "EBPF-S001": planted.document(kernel__unprivileged_bpf_disabled=0),
    "EBPF-S002": planted.document(kernel__unprivileged_bpf_disabled=2),
    "EBPF-S003": planted.document(net__core__bpf_jit_enable=2),
    "EBPF-S004": planted.document(net__core__bpf_jit_enable=0),
    "EBPF-S005": planted.document(net__core__bpf_jit_harden=1),
    "EBPF-S006": planted.document(kernel__kptr_restrict=0),
    "EBPF-S007": planted.document(kernel__perf_event_paranoid=-1),
    "EBPF-S008": planted.document(net__core__bpf_jit_kallsyms=1),
    "EBPF-S009": planted.document(kernel__bpf_stats_enabled=1),
    "EBPF-S010": setting("kernel.kptr_restrict", persistent=0),
    "EBPF-S011": setting("kernel.kptr_restrict", persistent=2),
    "EBPF-S012": setting("kernel.kptr_restrict", persistent=1, conflicts=["/etc/sysctl.conf"]),
    "EBPF-S013": planted.document(net__core__bpf_jit_limit=60),
    "EBPF-S014": planted.document(kernel__kptr_restrict=2),
    "EBPF-S015": setting("kernel.kptr_restrict", sources=[SOURCE], conflicts=[SOURCE["file"]]),
    "EBPF-L001": limit(True, soft=65536),
    "EBPF-L002": limit(False, soft="unlimited"),
    "EBPF-P001": spoilt("programs", name=""),
    "EBPF-P002": spoilt("programs", jited=False),
    "EBPF-P003": spoilt("programs", holders=[]),
    "EBPF-P004": spoilt("programs", uid=1000),
    "EBPF-P005": spoilt("programs", btf_id=None),
    "EBPF-P006": spoilt("programs", orphaned=True),
    "EBPF-P007": spoilt("programs", recursion_misses=3),
    "EBPF-P008": spoilt("programs", type="kprobe"),
    "EBPF-M001": spoilt("maps", frozen=False),
    "EBPF-M002": spoilt("maps", holders=[]),
    "EBPF-N001": spoilt("pins", mode="0622"),
    "EBPF-N002": spoilt("pins", mode="0604"),
    "EBPF-N003": spoilt("pins", uid=33),
    "EBPF-N004": spoilt("maps", holders=["pinned"], pids=[]),
    "EBPF-K001": spoilt("links", cgroup_id=0),
}


def test_every_rule_has_a_case() -> None:
    assert sorted(FAILS) == [rule.id for rule in RULES]


@pytest.mark.parametrize("rule", sorted(FAILS))
def test_a_rule_fails_on_what_it_is_about_and_passes_on_a_clean_host(rule: str) -> None:
    found = verdict(rule, FAILS[rule])
    assert found["verdict"] == "fail" and len(found["objects"]) == 1 and found["undecided"] == 0
    clean = verdict(rule, planted.document())
    assert clean["verdict"] == ("not_applicable" if rule == "EBPF-L001" else "pass"), clean


def planted_nulls() -> list[tuple[str, str, str]]:
    """(rule, noun, key) for each fact of the host that a rule rests on."""
    added = {"accepted", "recommended", "supported", "wanted"}
    needs = [(rule.id, *need.partition(".")[::2]) for rule in RULES for need in rule.needs]
    return [case for case in needs if case[1] != "derived" and case[2] not in added]


@pytest.mark.parametrize(("rule", "noun", "key"), planted_nulls())
@pytest.mark.parametrize("reason", ["EPERM", None])
def test_a_planted_null_never_passes(rule: str, noun: str, key: str, reason: str | None) -> None:
    """The host is one on which the rule fails; then it no longer tells one of the facts."""
    document = copy.deepcopy(FAILS[rule])
    for record in [document["memlock"]] if noun == "memlock" else document[noun]:
        record[key] = None
        if reason:
            record["unavailable"] = {key: reason}
    found = verdict(rule, document)
    if reason is None and key == "persistent" and rule in {"EBPF-S010", "EBPF-S011", "EBPF-S012"}:
        assert found["verdict"] == "pass"  # no file sets it
    elif reason is None and (rule, key) in {("EBPF-P005", "btf_id"), ("EBPF-S015", "persistent")}:
        assert found["verdict"] == "fail"  # that is what the rule looks for
    elif (rule, noun) == ("EBPF-N004", "programs") or (rule, key) in OTHER_KIND:
        assert found["verdict"] == "fail"  # the finding is somewhere else
    else:
        assert found["verdict"] == "unknown", found
        assert {one["reason"] for one in found["reasons"]} == {reason or "the host did not tell"}


# the link of the case is a cgroup link, and the rule does not look at these keys of it
OTHER_KIND = {("EBPF-K001", "ifindex"), ("EBPF-K001", "netns_ino")}


@pytest.mark.parametrize("noun", ["programs", "maps", "links", "pins", "sysctls"])
def test_a_noun_that_could_not_be_listed_makes_its_rules_unknown(noun: str) -> None:
    document = planted.document()
    document[noun] = None
    document["unavailable"][noun] = "EPERM"
    for rule in RULES:
        if any(need.partition(".")[0] == noun for need in rule.needs):
            found = verdict(rule.id, document)
            assert found["verdict"] in ("unknown", "not_applicable"), found
            assert found["verdict"] == "unknown" or rule.id == "EBPF-L001"


def test_an_incomplete_list_can_fail_a_rule_and_not_pass_it() -> None:
    document = planted.document()
    document["unavailable"]["pins"] = "EACCES on /sys/fs/bpf/x"
    assert verdict("EBPF-N003", document)["verdict"] == "unknown"
    document["pins"][0]["uid"] = 33
    assert verdict("EBPF-N003", document)["verdict"] == "fail"


def test_an_incomplete_list_of_limits_can_fail_a_rule_and_not_pass_it() -> None:
    document = planted.document()
    document["unavailable"]["memlock.limits"] = "incomplete"
    assert verdict("EBPF-L002", document)["verdict"] == "unknown"
    document["memlock"]["limits"][0]["soft"] = "unlimited"
    assert verdict("EBPF-L002", document)["verdict"] == "fail"


def test_a_finding_stands_beside_what_could_not_be_judged() -> None:
    document = spoilt("programs", uid=1000)
    document["programs"].append({**planted.PROGRAM, "id": 8, "uid": None, "unavailable": {"uid": "ENODEV"}})
    found = verdict("EBPF-P004", document)
    assert found["verdict"] == "fail" and len(found["objects"]) == 1 and found["undecided"] == 1
    assert found["reasons"] == [
        {"fact": "programs.uid", "reason": "ENODEV", "subjects": ["sd_fw_egress"], "count": 1},
    ]


def test_a_setting_that_this_kernel_lacks_is_not_applicable() -> None:
    document = setting("kernel.bpf_stats_enabled", running=None, unavailable={"running": "unsupported"})
    assert verdict("EBPF-S009", document)["verdict"] == "not_applicable"
    document["sysctls"] = []
    assert verdict("EBPF-S001", document)["verdict"] == "not_applicable"


JIT = ("net.core.bpf_jit_enable", "net.core.bpf_jit_harden", "net.core.bpf_jit_kallsyms", "net.core.bpf_jit_limit")


def test_a_kernel_without_jit_compiler_leaves_nothing_unknown_for_ever() -> None:
    document = spoilt("programs", jited=False)
    for name in JIT:
        missing = {"running": None, "effective": None, "unavailable": {"running": "unsupported"}}
        # a file names it all the same, and the value is no good one
        planted.setting(document, name).update(missing, persistent=-1)
    found = {one["rule"]: one["verdict"] for one in judge(RULES, document)}
    assert "unknown" not in found.values(), found
    assert found["EBPF-P002"] == found["EBPF-S013"] == "not_applicable"
    assert found["EBPF-S010"] == found["EBPF-S011"] == "pass"


@pytest.mark.parametrize(
    "name", ["sd_fw.rodata", "my_objec.rodata", ".rodata", ".rodata.str1.1", ".rodata.cst16", ".rodata.abracad"]
)
def test_constants_are_found_in_each_section_that_holds_some(name: str) -> None:
    assert verdict("EBPF-M001", spoilt("maps", name=name, frozen=False))["verdict"] == "fail"
    assert verdict("EBPF-M001", spoilt("maps", name=name, frozen=True))["verdict"] == "pass"


@pytest.mark.parametrize("name", ["my_objec.data", ".data.config", "rodata", ""])
def test_other_sections_are_no_constants(name: str) -> None:
    assert verdict("EBPF-M001", spoilt("maps", name=name, frozen=False))["verdict"] == "pass"


def test_a_file_that_no_tool_of_the_boot_reads_contradicts_none() -> None:
    document = FAILS["EBPF-S015"]
    assert failed(document, standard()) == {"EBPF-S015"}
    assert verdict("EBPF-S015", document)["objects"][0]["files"] == ["/etc/sysctl.conf"]


@pytest.mark.parametrize("profile", profiles())
def test_a_host_with_the_values_of_a_profile_has_no_finding_and_one_without_has(profile: str) -> None:
    chosen = {name: entry["profiles"].get(profile) for name, entry in values()["sysctls"].items()}
    settings = {name.replace(".", "__"): entry["value"] for name, entry in chosen.items() if entry}
    measure = standard(profile)
    assert failed(planted.document(**settings), measure) == set()
    for name, entry in chosen.items():
        for value in entry["accepted"] if entry else ():
            assert failed(planted.document(**{**settings, name.replace(".", "__"): value}), measure) == set()
    assert failed(planted.document(**{**settings, "kernel__unprivileged_bpf_disabled": 0}), measure) == {"EBPF-S001"}


def test_what_is_a_finding_depends_on_the_profile() -> None:
    seeing = planted.document(net__core__bpf_jit_harden=0, net__core__bpf_jit_kallsyms=1, kernel__kptr_restrict=0)
    assert failed(seeing, standard("observability")) == set()
    assert failed(seeing, standard("stig")) == {"EBPF-S005", "EBPF-S006", "EBPF-S008"}
    assert failed(planted.document(), standard("observability")) == {"EBPF-S014"}  # hardened: hides too much
    assert failed(planted.document(kernel__kptr_restrict=2), standard("stig")) == set()
    assert failed(planted.document(), standard("kspp")) == {"EBPF-S014"}  # 1 is no weakness, and not 2
    assert failed(planted.document(kernel__unprivileged_bpf_disabled=2), standard("stig")) == {"EBPF-S014"}


def test_own_values_win_over_the_profile() -> None:
    open_to_all = planted.document(kernel__unprivileged_bpf_disabled=0)
    assert failed(open_to_all, standard("stig", {"kernel.unprivileged_bpf_disabled": 0})) == set()
    changeable = planted.document(kernel__unprivileged_bpf_disabled=2)
    assert failed(changeable, standard("stig", {"kernel.unprivileged_bpf_disabled": 2})) == set()
    # None: nothing is wanted, and the host is judged as any other
    assert failed(changeable, standard("stig", {"kernel.unprivileged_bpf_disabled": None})) == {"EBPF-S002"}


def test_a_setting_that_this_kernel_lacks_is_not_held_against_the_profile() -> None:
    document = setting("net.core.bpf_jit_enable", running=None, unavailable={"running": "unsupported"})
    assert verdict("EBPF-S014", document, standard("stig"))["verdict"] == "pass"


def test_a_setting_of_mode_0600_is_unknown_for_a_user_and_the_others_are_judged() -> None:
    document = planted.blind()
    assert verdict("EBPF-S005", document)["verdict"] == "unknown"
    assert verdict("EBPF-S005", document)["reasons"][0]["subjects"] == ["net.core.bpf_jit_harden"]
    assert verdict("EBPF-S001", document)["verdict"] == "pass"


def test_a_detached_device_is_found_among_links_that_have_none() -> None:
    document = planted.document()
    xdp = {**planted.LINK, "id": 9, "type": "xdp", "ifindex": 0, "cgroup_id": None}
    document["links"].append(xdp)
    assert [found["id"] for found in verdict("EBPF-K001", document)["objects"]] == [9]


def test_a_program_kept_by_a_pin_is_told_from_one_whose_processes_are_not_known() -> None:
    hidden = spoilt("programs", holders=["pinned"], pids=None, unavailable={"pids": "EPERM"})
    assert verdict("EBPF-N004", hidden)["verdict"] == "unknown"


def test_what_a_finding_shows_may_be_null() -> None:
    document = spoilt("programs", uid=1000, pids=None, unavailable={"pids": "EPERM"})
    found = verdict("EBPF-P004", document)
    assert found["verdict"] == "fail" and found["objects"][0]["pids"] is None


def test_a_rule_that_cannot_be_evaluated_is_unknown(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "r.yml"
    text = "rules:\n  - {id: X, title: t, severity: low, rationale: r, remediation: r, needs: [programs.uid], "
    path.write_text(text + "query: 'programs[?starts_with(uid, `1`)]'}\n")
    [found] = judge(pack.load([str(path)], builtin=False), planted.document())
    assert found["verdict"] == "unknown" and "cannot be evaluated" in found["reasons"][0]["reason"]
    assert was_not_evaluated(found["reasons"][0]["reason"])
    assert not was_not_evaluated(verdict("EBPF-P001", planted.blind())["reasons"][0]["reason"])


def test_a_rule_with_an_unknown_function_never_comes_to_a_host(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "r.yml"
    text = "rules:\n  - {id: X, title: t, severity: low, rationale: r, remediation: r, needs: [programs.uid], "
    path.write_text(text + "query: 'programs[?nonsense(uid)]'}\n")
    with pytest.raises(FleetError, match=r"r\.yml:2: there is no function nonsense"):
        pack.load([str(path)], builtin=False)


@pytest.mark.parametrize(
    ("noun", "key", "value"),
    [("sysctls", "name", []), ("sysctls", "running", "x"), ("programs", "bytes_jited", "x"), ("programs", "uid", {})],
)
def test_a_value_of_a_wrong_kind_raises_nothing_but_the_failure_of_its_host(noun: str, key: str, value: object) -> None:
    document = planted.document()
    for record in document[noun]:
        record[key] = value
    try:
        judge(RULES, document)
    except FleetError as error:
        assert str(error).startswith("the host's document cannot be used: TypeError: ")


def test_metadata_that_is_called_like_a_key_of_ours_is_metadata() -> None:
    document = spoilt("programs", metadata={"unavailable": "x"})
    rule = RULES[0]._replace(query=parse("programs[?metadata.version == '1']"), applies_when=None, needs=())
    [found] = judge([rule], document)
    assert found["verdict"] == "unknown" and found["reasons"][0]["reason"] == "the host did not tell"
