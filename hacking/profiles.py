# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keep what people read about the hardening profiles equal to plugins/plugin_utils/_policy/values.yml.

``profiles.py generate``  write the argument specification of the role bpf_hardening and the tables of the guide
``profiles.py check``     exit status 1 and the file's name where one is not what would be written
"""

from __future__ import annotations

import pathlib
import sys
import textwrap

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
VALUES = ROOT / "plugins" / "plugin_utils" / "_policy" / "values.yml"
SPEC = ROOT / "roles" / "bpf_hardening" / "meta" / "argument_specs.yml"
GUIDE = ROOT / "docs" / "docsite" / "rst" / "guide_hardening.rst"
BEGIN, END = ".. begin: written by hacking/profiles.py", ".. end"
WIDTH = 120


def read() -> dict:
    with open(VALUES, encoding="utf-8") as stream:
        return yaml.safe_load(stream)


# ---- the argument specification


def spec(values: dict, text: str) -> str:
    """The specification with the suboptions of bpf_hardening_settings written anew; the rest stays."""
    head, mark, rest = text.partition("        options:  # written by hacking/profiles.py\n")
    if not mark:
        raise SystemExit(f"{SPEC} has no line 'options:  # written by hacking/profiles.py'")
    lines = rest.splitlines(keepends=True)
    kept = next((number for number, line in enumerate(lines) if line[:10].strip()), len(lines))
    return head + mark + "".join(map(suboption, sorted(values["sysctls"].items()))) + "".join(lines[kept:])


def suboption(item: tuple[str, dict]) -> str:
    name, entry = item
    lines = [f"          {name}:", "            type: int", "            description:"]
    for sentence in sentences(entry):
        lines.append("              - >-")
        lines += textwrap.wrap(sentence, WIDTH, initial_indent=" " * 16, subsequent_indent=" " * 16)
    return "\n".join(lines) + "\n"


def sentences(entry: dict) -> list[str]:
    wanted = [f"{profile}: {chosen_text(chosen)}." for profile, chosen in entry["profiles"].items()]
    costs = [f"What {which(value)} costs: {cost}" for value, cost in entry["costs"].items()]
    hidden = [f"What {value} hides: {'; '.join(texts)}." for value, texts in entry["hides"].items()]
    return [*(wanted or ["No profile has it."]), *costs, *hidden]


def which(value: int | str) -> str:
    return "a value" if value == "any" else str(value)


def chosen_text(chosen: dict) -> str:
    others = [str(value) for value in chosen["accepted"] if value != chosen["value"]]
    also = f", takes {' and '.join(others)} as well" if others else ""
    return f"{chosen['value']}{also} ({', '.join(chosen['controls']) or 'no control id, ours'})"


# ---- the guide


def guide(values: dict, text: str) -> str:
    """The guide with what stands between the two marks written anew."""
    head, begin, rest = text.partition(BEGIN + "\n")
    _old, end, tail = rest.partition(END + "\n")
    if not begin or not end:
        raise SystemExit(f"{GUIDE} lacks the lines '{BEGIN}' and '{END}'")
    return head + begin + "\n" + table(values) + "".join(section(values, name) for name in names(values)) + end + tail


def names(values: dict) -> list[str]:
    return sorted(values["sysctls"])


def table(values: dict) -> str:
    """What each profile sets; in brackets what it takes as well."""
    profiles = list(values["profiles"])
    lines = [".. list-table::", "   :header-rows: 1", "", "   * - setting"]
    lines += [f"     - {profile}" for profile in profiles]
    for name in names(values):
        lines.append(f"   * - ``{name}``")
        lines += [f"     - {cell(values['sysctls'][name]['profiles'].get(profile))}" for profile in profiles]
    return "\n".join(lines) + "\n\n"


def cell(chosen: dict | None) -> str:
    if chosen is None:
        return "\\-"
    others = [str(value) for value in chosen["accepted"] if value != chosen["value"]]
    return str(chosen["value"]) + (f" ({', '.join(others)})" if others else "")


def section(values: dict, name: str) -> str:
    entry = values["sysctls"][name]
    lines = [name, "~" * len(name), ""]
    for profile, chosen in entry["profiles"].items():
        lines += item(f"{profile}: {', '.join(chosen['controls']) or 'no control id, the value is ours'}")
    for benchmark, accepted in entry["elsewhere"].items():
        lines += item(f"{benchmark.upper()}, which is no profile, wants {' or '.join(map(str, accepted))}")
    lines.append("")
    for value, cost in entry["costs"].items():
        hidden = [f"Hides {hides}." for hides in entry["hides"].get(value, ())]
        lines += ["Any" if value == "any" else f"``{value}``"]
        lines += textwrap.wrap(" ".join([cost, *hidden]), WIDTH, initial_indent="  ", subsequent_indent="  ")
    return "\n".join(lines) + "\n\n"


def item(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="- ", subsequent_indent="  ")


# ---- both


def wanted(values: dict) -> dict[pathlib.Path, str]:
    """What the files should hold."""
    made = {SPEC: spec, GUIDE: guide}
    return {path: make(values, path.read_text(encoding="utf-8")) for path, make in made.items()}


def main(arguments: list[str]) -> int:
    if arguments not in (["generate"], ["check"]):
        print(__doc__, file=sys.stderr)
        return 2
    stale = {path: text for path, text in wanted(read()).items() if path.read_text(encoding="utf-8") != text}
    for path, text in stale.items():
        print(path.relative_to(ROOT))
        if arguments == ["generate"]:
            path.write_text(text, encoding="utf-8")
    return 1 if stale and arguments == ["check"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
