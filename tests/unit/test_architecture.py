# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of the house, checked on the tree itself.

A guard is a function from a `House` to a list of complaints. Each guard stands in `RULES` beside a planted violation
that it must catch: a rule whose guard has gone blind fails too.
"""

from __future__ import annotations

import ast
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]

UTILS = "plugins/module_utils"
# package below module_utils -> packages that it may import, beside itself
LAYERS = {
    "_uapi": set(),
    "_kernel": {"_uapi"},
    "_objects": {"_kernel", "_uapi"},
    "_btf": {"_uapi"},
    "_insn": {"_uapi"},
    "_view": {"_objects", "_btf", "_insn", "_uapi"},
    "_module": {"_view", "_objects", "_kernel", "_btf", "_insn", "_uapi"},
    "modules": {"_module", "_view", "_objects"},
    # on the controller a door would act on the wrong host
    "controller": {"plugin_utils", "_view", "_btf", "_insn", "_uapi"},
}
# names and sentences of errors are values, not calls
SHARED_VALUES = {("_view", "plugins.module_utils._kernel.errors")}
CONTROLLER = ("action", "callback", "filter", "plugin_utils")
PURE = ("_uapi", "_btf", "_insn", "_view")
IMPURE_IMPORTS = {"ctypes", "fcntl", "mmap", "os", "resource", "signal", "socket", "subprocess", "time"}
PRESENTATION_IMPORTS = {"csv", "html", "pprint", "textwrap", "xml"}
LIBRARY_DOORS = {f"{UTILS}/_kernel/syscall.py", f"{UTILS}/_kernel/libbpf.py"}
LIBRARY_LOADERS = {"CDLL", "PyDLL", "cdll", "pydll", "pythonapi", "LibraryLoader", "find_library"}
# what ansible-core itself installs; every other library has one guarded file
CORE_LIBRARIES = {"ansible", "ansible_collections", "jinja2", "packaging", "yaml"}
TARGET_LIBRARIES = {"pyroute2": f"{UTILS}/_kernel/netlink.py"}
SLOW_IMPORTS = {"dataclasses", "enum", "pathlib", "typing"}
WIDESPREAD = {f"plugins.module_utils.{name}" for name in ("_kernel.errors", "_uapi.commands")}
VAGUE = {"util", "utils", "common", "helper", "helpers", "misc"}
SECRET_LOOKING = re.compile(r"(^|_)(key|keys|token|secret|password|passphrase)(_|$)", re.IGNORECASE)
# packages and files that travel only with the modules named here; the others may travel with any
MAY_SHIP: dict[str, set[str]] = {
    "_insn": {"bpf_prog_code_info", "bpf_prog_dump", "bpf_prog_info"},
    # whoever lists maps does not read them
    "_objects/map_fill": {"bpf_map_info"},
    "_objects/map_elements": {
        *("bpf_map", "bpf_map_info", "bpf_map_entry_info", "bpf_map_entry", "bpf_map_dump", "bpf_prog_info"),
    },
    "_objects/map_write": {"bpf_map_entry"},
}

MODULE_STOP, MODULE_TYPICAL = 80, 60
FILE_STOP, FILE_MEDIAN = 300, 120
FUNCTION_STOP, FUNCTION_P90, FUNCTION_MEDIAN = 50, 30, 10
TEST_RATIO = 0.8


class Source:
    """One Python file of the tree."""

    def __init__(self, root: pathlib.Path, path: pathlib.Path) -> None:
        self.name = path.relative_to(root).as_posix()
        self.parts = pathlib.PurePosixPath(self.name).parts
        self.text = path.read_text(encoding="utf-8")
        self.lines = len(self.text.splitlines())
        self.tree = ast.parse(self.text, self.name)

    @property
    def layer(self) -> str:
        """The package below module_utils, "modules", "controller", or "" for the rest."""
        if self.name.startswith(f"{UTILS}/"):
            return self.parts[2] if len(self.parts) > 3 else ""
        if self.parts[0] == "plugins":
            return "controller" if self.parts[1] in CONTROLLER else self.parts[1]
        return ""

    def imports(self, node: ast.AST | None = None):
        """(dotted name in full, node) of every import; ours begin with "plugins."."""
        for found in ast.walk(node or self.tree):
            if isinstance(found, ast.Import):
                for alias in found.names:
                    yield ours(alias.name), found
            elif isinstance(found, ast.ImportFrom):
                base = found.module or ""
                if found.level:
                    base = ".".join([*self.parts[: -found.level], *([base] if base else [])])
                for alias in found.names:
                    yield ours(f"{base}.{alias.name}"), found

    def top_level(self, seen_at_run_time: bool = True):
        """Statements that run when the file is imported, bodies of ``if`` and ``try`` included."""
        queue = list(self.tree.body)
        while queue:
            node = queue.pop(0)
            yield node
            if isinstance(node, ast.If):
                only_for_types = isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
                queue.extend(node.orelse if only_for_types and seen_at_run_time else node.body + node.orelse)
            elif isinstance(node, ast.Try):
                queue.extend(node.body + [n for h in node.handlers for n in h.body] + node.orelse + node.finalbody)

    def functions(self):
        for node in ast.walk(self.tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1

    def code_lines(self) -> int:
        """Lines without the documentation blocks of a module."""
        lines = self.lines
        for node in self.tree.body:
            target = node.targets[0] if isinstance(node, ast.Assign) else None
            if isinstance(target, ast.Name) and target.id in ("DOCUMENTATION", "EXAMPLES", "RETURN"):
                lines -= (node.end_lineno or node.lineno) - node.lineno + 1
        return lines


class House:
    """A tree to check: the real one, or one with a planted violation."""

    def __init__(self, root: pathlib.Path) -> None:
        self.root = root

    def sources(self, *folders: str) -> list[Source]:
        found = []
        for folder in folders:
            paths = sorted((self.root / folder).rglob("*.py"))
            # ansible-test makes its virtual environments in tests/output
            skip = {"__pycache__", "output"}
            found += [Source(self.root, path) for path in paths if not skip.intersection(path.parts)]
        return found

    def path_exists(self, name: str) -> bool:
        return (self.root / name).exists()


def ours(dotted: str) -> str:
    return dotted.removeprefix("ansible_collections.ebpf.fleet.")


def package(dotted: str) -> str:
    """The package of an import: a name of `LAYERS`, "plugin_utils", or "" when it is not one of our packages."""
    parts = dotted.split(".")
    if parts[:2] == ["plugins", "module_utils"]:
        return parts[2] if len(parts) > 2 else ""
    return parts[1] if parts[0] == "plugins" and len(parts) > 1 else ""


# ---------------------------------------------------------------- layers


def imports_point_down(house: House) -> list[str]:
    complaints = []
    for source in house.sources("plugins"):
        if source.layer not in LAYERS:
            continue
        for dotted, _node in source.imports():
            target = package(dotted)
            allowed = LAYERS[source.layer] | {source.layer} - {"modules"}
            if any(source.layer == layer and f"{dotted}.".startswith(f"{name}.") for layer, name in SHARED_VALUES):
                continue
            if target and target not in allowed:
                complaints.append(f"{source.name} ({source.layer}) imports {dotted}")
    return complaints


def no_room_is_unknown(house: House) -> list[str]:
    return [
        f"{source.name} is in no package of the design" for source in house.sources(UTILS) if source.layer not in LAYERS
    ]


def no_circles(house: House) -> list[str]:
    """A circle of imports at import time; one inside a function is looked up later and harms nobody."""
    sources = {source.name[:-3].replace("/", "."): source for source in house.sources("plugins")}
    edges: dict[str, set[str]] = {}
    for name, source in sources.items():
        dotted = {d for node in source.top_level() for d, _n in import_of(source, node)}
        edges[name] = {other for d in dotted for other in (d, d.rpartition(".")[0]) if other in sources} - {name}
    complaints = []
    for start in edges:
        reached, queue = set(), list(edges[start])
        while queue:
            name = queue.pop()
            if name not in reached:
                reached.add(name)
                queue.extend(edges[name])
        if start in reached:
            complaints.append(f"{start} imports itself in a circle")
    return complaints


def import_of(source: Source, node: ast.stmt):
    return source.imports(node) if isinstance(node, (ast.Import, ast.ImportFrom)) else ()


def only_module_knows_ansible(house: House) -> list[str]:
    return [
        f"{source.name} imports {dotted}"
        for source in house.sources(UTILS)
        if source.layer != "_module"
        for dotted, _node in source.imports()
        if dotted.split(".")[0] == "ansible"
    ]


def libraries_are_loaded_at_the_doors(house: House) -> list[str]:
    complaints = []
    for source in house.sources("plugins"):
        if source.name in LIBRARY_DOORS:
            continue
        names = {dotted.rpartition(".")[2] for dotted, _node in source.imports() if dotted.startswith("ctypes")}
        names |= {node.attr for node in ast.walk(source.tree) if isinstance(node, ast.Attribute)}
        complaints += [f"{source.name} loads a library: {name}" for name in sorted(names & LIBRARY_LOADERS)]
    return complaints


def pure_packages_touch_nothing(house: House) -> list[str]:
    complaints = []
    for source in house.sources(UTILS):
        if source.layer not in PURE:
            continue
        complaints += [
            f"{source.name} imports {dotted}"
            for dotted, _node in source.imports()
            if dotted.split(".")[0] in IMPURE_IMPORTS
        ]
        complaints += [f"{source.name} calls open()" for _call in calls(source, {"open"})]
    return complaints


def presentation_stays_in_view(house: House) -> list[str]:
    complaints = []
    for source in house.sources(UTILS):
        if source.layer not in ("_uapi", "_kernel", "_objects", "_btf"):
            continue
        complaints += [
            f"{source.name} imports {dotted}"
            for dotted, _node in source.imports()
            if dotted.split(".")[0] in PRESENTATION_IMPORTS
        ]
        complaints += [f"{source.name} prints" for _call in calls(source, {"print"})]
    return complaints


def calls(source: Source, names: set[str]) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
    ]


def each_library_has_one_guarded_file(house: House) -> list[str]:
    complaints, homes = [], {}
    for source in house.sources("plugins"):
        guarded = {id(inner) for node in ast.walk(source.tree) if isinstance(node, ast.Try) for inner in ast.walk(node)}
        for dotted, node in source.imports():
            library = dotted.split(".")[0]
            if library in sys.stdlib_module_names or library in CORE_LIBRARIES or library == "plugins":
                continue
            if id(node) not in guarded:
                complaints.append(f"{source.name} imports {library} outside of try/except")
            if source.layer == "controller" and source.parts[1] != "plugin_utils":
                complaints.append(f"{source.name} imports {library}: that belongs into plugin_utils")
            if source.layer != "controller" and TARGET_LIBRARIES.get(library) != source.name:
                complaints.append(f"{source.name} imports {library}: targets have the standard library only")
            homes.setdefault(library, set()).add(source.name)
    complaints += [f"{name} is imported in {sorted(files)}" for name, files in homes.items() if len(files) > 1]
    return complaints


def targets_import_nothing_slow(house: House) -> list[str]:
    return [
        f"{source.name} imports {dotted} whenever it is imported"
        for source in house.sources(UTILS, "plugins/modules")
        for node in source.top_level()
        for dotted, _node in import_of(source, node)
        if dotted.split(".")[0] in SLOW_IMPORTS
    ]


# ---------------------------------------------------------------- budgets


def modules_are_thin(house: House) -> list[str]:
    sizes = {source.name: source.code_lines() for source in house.sources("plugins/modules")}
    complaints = [
        f"{name}: {size} code lines, stop {MODULE_STOP}" for name, size in sizes.items() if size > MODULE_STOP
    ]
    if sizes and statistics.median(sizes.values()) > MODULE_TYPICAL:
        complaints.append(f"modules: median {statistics.median(sizes.values())} code lines, budget {MODULE_TYPICAL}")
    return complaints


def files_are_short(house: House) -> list[str]:
    sizes = {source.name: source.lines for source in house.sources(UTILS) if source.layer != "_uapi"}
    complaints = [f"{name}: {size} lines, stop {FILE_STOP}" for name, size in sizes.items() if size > FILE_STOP]
    if sizes and statistics.median(sizes.values()) > FILE_MEDIAN:
        complaints.append(f"module_utils: median {statistics.median(sizes.values())} lines, budget {FILE_MEDIAN}")
    return complaints


def functions_are_short(house: House) -> list[str]:
    lengths = [
        (f"{source.name}:{name}", length) for source in house.sources("plugins") for name, length in source.functions()
    ]
    complaints = [f"{name}: {length} lines, stop {FUNCTION_STOP}" for name, length in lengths if length > FUNCTION_STOP]
    if len(lengths) > 1:
        ordered = sorted(length for _name, length in lengths)
        median, p90 = statistics.median(ordered), ordered[int(len(ordered) * 0.9)]
        if median > FUNCTION_MEDIAN or p90 > FUNCTION_P90:
            complaints.append(
                f"functions: median {median} (budget {FUNCTION_MEDIAN}), p90 {p90} (budget {FUNCTION_P90})"
            )
    return complaints


def sources_are_outweighed_by_tests(house: House) -> list[str]:
    """Lines of unit tests per line of source, without documentation and generated tables."""
    source = sum(
        source.code_lines() for source in house.sources("plugins") if source.layer not in ("_uapi", "doc_fragments")
    )
    tests = sum(source.lines for source in house.sources("tests/unit"))
    return [f"{tests} test lines for {source} source lines, budget {TEST_RATIO}"] if tests < TEST_RATIO * source else []


def sources_are_mirrored_by_tests(house: House) -> list[str]:
    complaints = []
    for source in house.sources(UTILS, *(f"plugins/{name}" for name in CONTROLLER)):
        path = pathlib.PurePosixPath("tests/unit", source.name)
        names = [f"test_{path.name.lstrip('_')}", f"test_{path.name}"]
        if source.layer != "_uapi" and not any(house.path_exists(str(path.with_name(name))) for name in names):
            complaints.append(f"{source.name} has no {path.with_name(names[0])}")
    return complaints


# ---------------------------------------------------------------- conventions


def check_mode_is_read_once(house: House) -> list[str]:
    places = [
        (source.name, node.lineno)
        for source in house.sources("plugins")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and node.attr == "check_mode"
    ]
    complaints = [
        f"{name}:{line} reads check_mode"
        for name, line in places
        if not name.startswith((f"{UTILS}/_module/", "plugins/plugin_utils/", "plugins/action/"))
    ]
    for where, folders in {
        "target": (f"{UTILS}/_module/",),
        "controller": ("plugins/plugin_utils/", "plugins/action/"),
    }.items():
        here = [f"{name}:{line}" for name, line in places if name.startswith(folders)]
        if len(here) > 1:
            complaints.append(f"check_mode is read {len(here)} times on the {where}: {', '.join(here)}")
    return complaints


def widespread_modules_are_imported_whole(house: House) -> list[str]:
    # The packing of ansible-core looks for each imported name as if it were a module, anew in every file that names it.
    return [
        f"{source.name} imports {dotted}"
        for source in house.sources(UTILS)
        for dotted, _node in source.imports()
        if dotted.rpartition(".")[0] in WIDESPREAD
    ]


def files_are_named_after_nouns(house: House) -> list[str]:
    return [
        f"{source.name} says nothing about what is in it"
        for source in house.sources("plugins", "tests", "hacking")
        # the last word counts: helper_ids are ids of BPF helpers, text_helpers are anything
        if pathlib.PurePosixPath(source.name).stem.strip("_").split("_")[-1] in VAGUE
    ]


def packages_have_no_init(house: House) -> list[str]:
    return [source.name for source in house.sources("plugins") if source.parts[-1] == "__init__.py"]


def sanity_ignores_nothing(house: House) -> list[str]:
    return [str(path) for path in sorted((house.root / "tests/sanity").glob("ignore*"))]


def key_options_are_not_secret(house: House) -> list[str]:
    """Ansible scrubs values of options that look secret, and warns, unless they say no_log."""
    complaints = []
    for source in house.sources("plugins/modules", UTILS, "plugins/action"):
        for name, spec in options(source):
            if SECRET_LOOKING.search(name) and "no_log" not in spec:
                complaints.append(f"{source.name}: option {name} has no no_log=False")
    return complaints


def options(source: Source):
    """(option, keys of its specification) of every literal argument specification in a file."""
    for node in ast.walk(source.tree):
        pairs: list[tuple[str, ast.expr]] = []
        if isinstance(node, ast.Dict):
            pairs = [(k.value, v) for k, v in zip(node.keys, node.values, strict=True) if isinstance(k, ast.Constant)]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
            pairs = [(k.arg, k.value) for k in node.keywords if k.arg]
        for name, value in pairs:
            if isinstance(value, ast.Dict):
                spec = {key.value for key in value.keys if isinstance(key, ast.Constant)}
            elif isinstance(value, ast.Call):
                spec = {keyword.arg for keyword in value.keywords}
            else:
                continue
            if "type" in spec and isinstance(name, str):
                yield name, spec


def private_files_say_so(house: House) -> list[str]:
    return [
        f"{source.name} does not say that it is private"
        for source in house.sources(UTILS, "plugins/plugin_utils")
        if "PRIVATE to the collection" not in "\n".join(source.text.splitlines()[:12])
    ]


def action_group_lists_the_modules(house: House) -> list[str]:
    runtime = house.root / "meta/runtime.yml"
    group = yaml.safe_load(runtime.read_text(encoding="utf-8"))["action_groups"]["bpf"] if runtime.exists() else []
    modules = sorted(path.stem for path in (house.root / "plugins/modules").glob("*.py"))
    return [f"the action group has {group}, the folder {modules}"] if group != modules else []


# ---------------------------------------------------------------- what travels

PACK = """
import datetime, inspect, io, json, pathlib, sys, zipfile
from ansible.plugins.loader import init_plugin_loader
init_plugin_loader([])
from ansible.executor import module_common
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.py")):
    archive = zipfile.ZipFile(io.BytesIO(), "w")
    arguments = [path.stem, "ansible_collections.ebpf.fleet.plugins.modules." + path.stem, path.read_bytes(), archive]
    if "extension_manager" in inspect.signature(module_common.recursive_finder).parameters:  # from ansible-core 2.19 on
        from ansible._internal._ansiballz import _builder
        arguments += [datetime.datetime.now(), _builder.ExtensionManager()]
    module_common.recursive_finder(*arguments)
    print(json.dumps([path.stem, archive.namelist()]))
"""


def packed(house: House, folder: pathlib.Path) -> dict[str, set[str]]:
    """Module -> our packages, and our files as "package/file", that ansible's own packer puts into its payload."""
    link = folder / "ansible_collections" / "ebpf" / "fleet"
    if not link.exists():
        link.parent.mkdir(parents=True)
        link.symlink_to(house.root, target_is_directory=True)
    env = dict(os.environ, ANSIBLE_COLLECTIONS_PATH=str(folder), ANSIBLE_LOCALHOST_WARNING="false")
    command = [sys.executable, "-c", PACK, str(link / "plugins" / "modules")]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    result = {}
    for line in done.stdout.splitlines():
        module, names = json.loads(line)
        mine = [name.split("/") for name in names if name.startswith(f"ansible_collections/ebpf/fleet/{UTILS}/")]
        mine = [parts for parts in mine if len(parts) > 6]
        result[module] = {parts[5] for parts in mine} | {"/".join(parts[5:])[:-3] for parts in mine}
    return result


def stowaways(shipped: dict[str, set[str]]) -> list[str]:
    return [
        f"{module} ships {name}"
        for module, packages in shipped.items()
        for name, owners in MAY_SHIP.items()
        if name in packages and module not in owners
    ]


# ---------------------------------------------------------------- the tests

LONG = "def f():\n" + "    a = 1\n" * 60
SPEC = "SPEC = {'map_key': {'type': 'str'}}\n"
P = "# PRIVATE to the collection: no stability promise to other users.\n"

# guard, planted files, what its complaint must contain
RULES = [
    (imports_point_down, {f"{UTILS}/_kernel/x.py": "from .._objects import prog\n"}, "_kernel/x.py (_kernel) imports"),
    (imports_point_down, {f"{UTILS}/_insn/x.py": "def f():\n    from .._kernel.fd import Fd\n"}, "_insn/x.py"),
    (
        imports_point_down,
        {f"{UTILS}/_view/x.py": "from ansible_collections.ebpf.fleet.plugins.module_utils._module import ensure\n"},
        "_view/x.py",
    ),
    (imports_point_down, {"plugins/modules/x.py": "from ..module_utils._kernel import syscall\n"}, "modules/x.py"),
    (imports_point_down, {"plugins/modules/x.py": "from . import y\n"}, "modules/x.py"),
    (imports_point_down, {"plugins/filter/x.py": "from ..module_utils._objects import prog\n"}, "filter/x.py"),
    (no_room_is_unknown, {f"{UTILS}/_cellar/x.py": ""}, "_cellar"),
    (no_room_is_unknown, {f"{UTILS}/loose.py": ""}, "loose.py"),
    (
        no_circles,
        {f"{UTILS}/_kernel/a.py": "from . import b\n", f"{UTILS}/_kernel/b.py": "from .a import x\n"},
        "_kernel.a",
    ),
    (
        only_module_knows_ansible,
        {f"{UTILS}/_view/x.py": "from ansible.module_utils.basic import AnsibleModule\n"},
        "_view",
    ),
    (libraries_are_loaded_at_the_doors, {f"{UTILS}/_kernel/x.py": "import ctypes\nctypes.CDLL(None)\n"}, "CDLL"),
    (libraries_are_loaded_at_the_doors, {f"{UTILS}/_objects/x.py": "from ctypes import cdll as c\n"}, "cdll"),
    (pure_packages_touch_nothing, {f"{UTILS}/_btf/x.py": "def f():\n    import os.path\n"}, "imports os.path"),
    (pure_packages_touch_nothing, {f"{UTILS}/_view/x.py": "open('/proc/self/maps')\n"}, "calls open()"),
    (presentation_stays_in_view, {f"{UTILS}/_objects/x.py": "import html\n"}, "imports html"),
    (presentation_stays_in_view, {f"{UTILS}/_kernel/x.py": "print(1)\n"}, "prints"),
    (each_library_has_one_guarded_file, {"plugins/plugin_utils/x.py": "import jmespath\n"}, "outside of try"),
    (
        each_library_has_one_guarded_file,
        {f"plugins/plugin_utils/{x}.py": "try:\n    import jmespath\nexcept ImportError:\n    pass\n" for x in "ab"},
        "is imported in",
    ),
    (
        each_library_has_one_guarded_file,
        {"plugins/filter/x.py": "try:\n    import capstone\nexcept ImportError:\n    pass\n"},
        "belongs into plugin_utils",
    ),
    (
        each_library_has_one_guarded_file,
        {f"{UTILS}/_kernel/x.py": "try:\n    import pyroute2\nexcept ImportError:\n    pass\n"},
        "standard library only",
    ),
    (targets_import_nothing_slow, {f"{UTILS}/_view/x.py": "import typing\n"}, "imports typing"),
    (modules_are_thin, {"plugins/modules/x.py": "a = 1\n" * 81}, "81 code lines"),
    (modules_are_thin, {"plugins/modules/x.py": "a = 1\n" * 61}, "median 61"),
    (files_are_short, {f"{UTILS}/_view/x.py": "a = 1\n" * 301}, "301 lines"),
    (files_are_short, {f"{UTILS}/_view/x.py": "a = 1\n" * 121}, "median 121"),
    (functions_are_short, {f"{UTILS}/_view/x.py": LONG}, "f: 61 lines"),
    (functions_are_short, {f"{UTILS}/_view/x.py": "\n".join([LONG[:150].rpartition("\n")[0]] * 3)}, "median"),
    (
        sources_are_outweighed_by_tests,
        {f"{UTILS}/_view/x.py": "a = 1\n" * 10, "tests/unit/test_x.py": "a = 1\n" * 7},
        "7 test lines",
    ),
    (
        sources_are_mirrored_by_tests,
        {f"{UTILS}/_view/x.py": ""},
        "has no tests/unit/plugins/module_utils/_view/test_x.py",
    ),
    (check_mode_is_read_once, {f"{UTILS}/_objects/x.py": "def f(m):\n    return m.check_mode\n"}, "_objects/x.py:2"),
    (
        check_mode_is_read_once,
        {f"{UTILS}/_module/x.py": "a = m.check_mode\nb = m.check_mode\n"},
        "2 times on the target",
    ),
    (
        widespread_modules_are_imported_whole,
        {f"{UTILS}/_view/x.py": "from .._kernel.errors import reason\n"},
        "errors.reason",
    ),
    (files_are_named_after_nouns, {f"{UTILS}/_view/_utils.py": ""}, "_utils.py"),
    (files_are_named_after_nouns, {f"{UTILS}/_view/text_helpers.py": ""}, "text_helpers.py"),
    (packages_have_no_init, {f"{UTILS}/_view/__init__.py": ""}, "__init__.py"),
    (sanity_ignores_nothing, {"tests/sanity/ignore-2.21.txt": "x"}, "ignore-2.21.txt"),
    (key_options_are_not_secret, {"plugins/modules/x.py": SPEC}, "map_key"),
    (key_options_are_not_secret, {"plugins/modules/x.py": "S = dict(key_format=dict(type='str'))\n"}, "key_format"),
    (private_files_say_so, {f"{UTILS}/_view/x.py": "a = 1\n"}, "_view/x.py"),
    (action_group_lists_the_modules, {"plugins/modules/x.py": ""}, "['x']"),
]
GUARDS = list(dict.fromkeys(guard for guard, _files, _text in RULES))


def build(folder: pathlib.Path, files: dict[str, str]) -> House:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return House(folder)


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.__name__)
def test_the_house_keeps_the_rule(guard) -> None:
    assert guard(House(ROOT)) == []


@pytest.mark.parametrize(("guard", "files", "text"), RULES)
def test_a_planted_violation_is_caught(tmp_path, guard, files, text) -> None:
    complaints = guard(build(tmp_path, files))
    assert any(text in complaint for complaint in complaints), complaints


def test_no_guard_complains_of_a_clean_house(tmp_path) -> None:
    clean = {
        f"{UTILS}/_kernel/syscall.py": P + "import ctypes\nLIBC = ctypes.CDLL(None)\n",
        f"{UTILS}/_view/x.py": P
        + "from .._uapi import y\nTYPE_CHECKING = False\nif TYPE_CHECKING:\n    import typing\n",
        f"{UTILS}/_module/x.py": P + "from ansible.module_utils.basic import AnsibleModule\n",
        "plugins/plugin_utils/x.py": P + "try:\n    import jmespath\nexcept ImportError:\n    jmespath = None\n",
        "plugins/modules/m.py": "S = {'key': {'type': 'str', 'no_log': False}, 'monkey': {'type': 'str'}}\n",
        "meta/runtime.yml": "action_groups: {bpf: [m]}\n",
        **{f"tests/unit/{UTILS}/{name}": "a = 1\n" * 9 for name in ("_view/test_x.py", "_kernel/test_syscall.py")},
        f"tests/unit/{UTILS}/_module/test_x.py": "a = 1\n",
        "tests/unit/plugins/plugin_utils/test_x.py": "a = 1\n",
    }
    house = build(tmp_path, clean)
    assert [complaint for guard in GUARDS for complaint in guard(house)] == []


def test_no_package_travels_where_it_should_not(tmp_path) -> None:
    shipped = packed(House(ROOT), tmp_path)
    assert sorted(shipped) == sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py"))
    assert stowaways(shipped) == []


@pytest.mark.parametrize(
    "text",
    [
        "from .._insn import decode\n",
        "def f():\n    from .._insn.decode import one\n",
        "TYPE_CHECKING = False\nif TYPE_CHECKING:\n    from .._insn import decode\n",
    ],
)
def test_a_stowaway_is_found(tmp_path, text) -> None:
    """The packer follows every import that it finds in the text, also one that never runs."""
    files = {
        "plugins/modules/bpf_x.py": "from ..module_utils._view import x\n",
        f"{UTILS}/_view/x.py": text,
        f"{UTILS}/_insn/decode.py": "one = 1\n",
    }
    house = build(tmp_path / "ansible_collections" / "ebpf" / "fleet", files)
    assert stowaways(packed(house, tmp_path)) == ["bpf_x ships _insn"]
