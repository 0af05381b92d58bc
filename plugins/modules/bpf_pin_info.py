#!/usr/bin/python
# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bpf_pin_info
short_description: List what is pinned in the BPF file systems of a host
version_added: 0.1.0
description:
  - Walks every BPF file system that is mounted in the mount namespace of the task and tells what each file there holds.
  - Without privileges the pins whose files may be read are still told.
  - One that something else is mounted over cannot be looked into, and is one record with the path of the mount.
author:
  - ebpf.fleet contributors (@ebpf-fleet)
extends_documentation_fragment:
  - ebpf.fleet.attributes
  - ebpf.fleet.attributes.info_module
  - ebpf.fleet.attributes.bpf_group
options:
  paths:
    description:
      - Only pins at these paths or below these directories.
      - Without it the pins of all mounts are listed.
    type: list
    elements: path
  kind:
    description:
      - Only pins of this kind of object.
    type: str
    choices: [prog, map, link]
  id:
    description:
      - Only pins of the object with this id. Programs, maps and links count their ids apart, so give O(kind) as well.
    type: int
  name:
    description:
      - Only pins of objects with this name.
    type: str
  required:
    description:
      - Fail where nothing matches, instead of returning an empty list.
    type: bool
    default: false
seealso:
  - module: ebpf.fleet.bpf_pin
  - module: ebpf.fleet.bpf_prog_info
  - module: ebpf.fleet.bpf_map_info
  - module: ebpf.fleet.bpf_link_info
"""

EXAMPLES = r"""
- name: List all pins
  ebpf.fleet.bpf_pin_info:
  register: bpf

- name: Find pins that everybody may read
  ansible.builtin.debug:
    msg: "{{ bpf.pins | selectattr('mode', 'search', '[4567]$') | map(attribute='path') | list }}"

- name: See what an agent left behind
  ebpf.fleet.bpf_pin_info:
    paths: [/sys/fs/bpf/example]
"""

RETURN = r"""
pins:
  description: One record a pin, sorted by path.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: Path of the pin.
      type: str
      sample: /sys/fs/bpf/example/filter
    mount:
      description: Where the file system is mounted.
      type: str
      sample: /sys/fs/bpf
    kind:
      description: C(prog) or C(map) or C(link). V(null) for a file that holds none of them.
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
      description: Why keys are V(null) that the kernel did not tell.
      returned: when something is missing
      type: dict
      sample: {id: EACCES}
mounts:
  description: The BPF file systems of this mount namespace with their options.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: Where it is mounted.
      type: str
      sample: /sys/fs/bpf
    options:
      description: Mount options. C(delegate_) options hand rights to user namespaces.
      type: list
      elements: str
      sample: [rw, mode=700]
failure:
  description: The call of the kernel that failed, its error, and what may help.
  returned: when the kernel refused something
  type: dict
  sample: {call: open /proc/self/mountinfo, errno: 2, name: ENOENT, hint: ""}
"""

from ..module_utils._module.pins import run


def main() -> None:
    run()


if __name__ == "__main__":
    main()
