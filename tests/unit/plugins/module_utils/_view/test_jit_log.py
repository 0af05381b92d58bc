# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.ebpf.fleet.plugins.module_utils._kernel.kmsg import Line
from ansible_collections.ebpf.fleet.plugins.module_utils._objects.jit_log import Log
from ansible_collections.ebpf.fleet.plugins.module_utils._view.jit_log import record


def images(*lines, time=None):
    log = Log()
    log.read(Line(number, time, None, line.encode()) for number, line in enumerate(lines, 7))
    return log.images


def test_the_record():
    (image,) = images(
        "flen=6 proglen=3 pass=2 image=ffffffffa0069c8f from=tcpdump pid=20583",
        "JIT code: 00000000: 55 48 89",
        time=3.5,
    )
    assert record(image) == {
        "line": 7, "time": 3.5, "flen": 6, "proglen": 3, "pass": 2, "image": "ffffffffa0069c8f", "from": "tcpdump",
        "pid": 20583, "complete": True, "code": "554889",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("shown", "image", "why"),
    [
        ("ffffffffa0069c8f", "ffffffffa0069c8f", None),
        ("ffff800080a00000", "ffff800080a00000", None),
        ("bf000000", "bf000000", None),
        ("00000000a0069c8f", None, "hashed by the kernel"),
        ("0000000000000000", None, "hidden by the kernel"),
        ("00000000", None, "hidden by the kernel"),
        ("(____ptrval____)", None, "hidden by the kernel"),
        ("pK-error", None, "hidden by the kernel"),
    ],
)
def test_addresses_that_are_none(shown, image, why):
    (found,) = images(f"flen=6 proglen=3 pass=2 image={shown} from=tcpdump pid=20583", time=1.0)
    made = record(found)
    assert (made["image"], made.get("unavailable", {}).get("image")) == (image, why)


def test_what_is_not_in_the_log():
    (image,) = images("flen=6 proglen=3 pass=2 image=ffffffffa0069c8f")
    made = record(image)
    assert (made["time"], made["from"], made["pid"], made["complete"], made["code"]) == (None, None, None, False, "")
    assert made["unavailable"] == {"time": "not in the log", "from": "the line is cut", "pid": "the line is cut"}
