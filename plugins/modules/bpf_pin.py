#!/usr/bin/python
# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bpf_pin
short_description: Pin programs, maps and links in a BPF file system
version_added: 0.1.0
description:
  - Pins an object that is loaded, so that it stays when the process that made it ends, or takes a pin away.
  - A path where the same object is pinned already is left as it is. A pin of another object is replaced only with
    O(force), in one step.
author:
  - ebpf.fleet contributors (@ebpf-fleet)
extends_documentation_fragment:
  - ebpf.fleet.attributes
  - ebpf.fleet.attributes.bpf_group
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - Shows what is pinned at the path, and the mount and the directories that are made for it.
options:
  path:
    description:
      - The path of the pin, in a BPF file system. Directories that are missing there are made.
    type: path
    required: true
  state:
    description:
      - With V(present) the object is pinned at O(path).
      - With V(absent) what is pinned at O(path) is unpinned. Directories stay. Where a selector is given too and
        another object is pinned there, the task fails, unless O(force) is set.
    type: str
    choices: [present, absent]
    default: present
  kind:
    description:
      - The kind of object. Needed with O(id) and O(name), as programs, maps and links count their ids apart.
    type: str
    choices: [prog, map, link]
  id:
    description:
      - The object with this id. Ids are given out by the running kernel and mean nothing after a reboot.
    type: int
  name:
    description:
      - The program or map with this name, exactly. For programs the full name counts as well as the kernel's, which
        ends after 15 characters. The task fails if there are several.
    type: str
  tag:
    description:
      - The program with this tag. The task fails if there are several.
    type: str
  pinned:
    description:
      - The object that is pinned at this other path.
    type: path
  force:
    description:
      - Allow to replace, or with O(state=absent) to unpin, another object than the one that is named.
      - An object that nothing else holds goes with its pin. Mode and owner of the file stay.
    type: bool
    default: false
  mount:
    description:
      - Mount a BPF file system on O(mount_point) if O(path) is not in one.
      - It is mounted as systemd does it at boot, for root alone, and not written to C(/etc/fstab).
    type: bool
    default: false
  mount_point:
    description:
      - Where O(mount) mounts. It must be a directory above O(path), and empty.
    type: path
    default: /sys/fs/bpf
notes:
  - One of O(id), O(name), O(tag) and O(pinned) names the object, and has to with O(state=present).
  - O(id), O(name) and O(tag) need C(CAP_SYS_ADMIN), so normally C(become). With O(pinned) the permissions of the files
    decide.
  - A new pin has mode 0600 less the umask, and belongs to the user of the task. M(ansible.builtin.file) changes that.
  - Names in a BPF file system cannot have a dot.
  - A link that loses its last holder is detached by the kernel.
seealso:
  - module: ebpf.fleet.bpf_pin_info
  - module: ebpf.fleet.bpf_prog_info
  - module: ebpf.fleet.bpf_map_info
  - module: ebpf.fleet.bpf_link_info
"""

EXAMPLES = r"""
- name: Keep a map when the agent that made it ends
  ebpf.fleet.bpf_pin:
    path: /sys/fs/bpf/example/kept/table
    kind: map
    name: fleet_table

- name: Give a pin a second name
  ebpf.fleet.bpf_pin:
    path: /sys/fs/bpf/example/filter_2
    pinned: /sys/fs/bpf/example/filter

- name: Replace what is pinned there, on hosts that have no BPF file system yet too
  ebpf.fleet.bpf_pin:
    path: /sys/fs/bpf/example/filter_2
    pinned: /sys/fs/bpf/example/gate
    force: true
    mount: true

- name: Take the pin away
  ebpf.fleet.bpf_pin:
    path: /sys/fs/bpf/example/filter_2
    state: absent
"""

RETURN = r"""
pins:
  description:
    - The pin as M(ebpf.fleet.bpf_pin_info) lists it after the change, in check mode as it would be. Empty with
      O(state=absent).
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: Path of the pin, its directories without symbolic links.
      type: str
      sample: /sys/fs/bpf/example/filter
    mount:
      description: Where the file system is mounted.
      type: str
      sample: /sys/fs/bpf
    kind:
      description: C(prog) or C(map) or C(link).
      type: str
      sample: prog
    id:
      description: Id of the object.
      type: int
      sample: 406
    type:
      description: Type of the object.
      type: str
      sample: sched_cls
    name:
      description: Name of a program or map.
      type: str
      sample: cil_from_netdev
    tag:
      description: Tag of a program.
      type: str
      sample: e0362f5bd9163a0a
    mode:
      description: Permissions of the file.
      type: str
      sample: "0600"
    uid:
      description: Owner of the file.
      type: int
      sample: 0
    gid:
      description: Group of the file.
      type: int
      sample: 0
    unavailable:
      description: Why keys are V(null) that are not known.
      returned: when something is missing
      type: dict
      sample: {mode: check mode, uid: check mode, gid: check mode}
near_matches:
  description: Objects that come close to what was asked for, or all that were meant by it.
  returned: when the object is not found, or is not the only one
  type: list
  elements: dict
  sample: [{id: 406, type: sched_cls, name: cil_from_netdev}]
failure:
  description: The call of the kernel that failed, its error, and what may help.
  returned: when the kernel refused something
  type: dict
  sample: {call: BPF_OBJ_PIN, errno: 1, name: EPERM, hint: "The path is not on a BPF file system ..."}
"""

from ..module_utils._module.pin_change import run


def main() -> None:
    run()


if __name__ == "__main__":
    main()
