#!/usr/bin/python
# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bpf_map
short_description: Make, freeze and remove a pinned map
version_added: 0.1.0
description:
  - Makes a map as it is declared and pins it, so that programs and agents find it.
  - A map that is pinned there already is compared with the declaration. If it is the same it is left alone, with all
    that is in it. If not the task fails and tells both, unless O(recreate) is set.
  - Entries are the job of M(ebpf.fleet.bpf_map_entry).
author:
  - ebpf.fleet contributors (@ebpf-fleet)
extends_documentation_fragment:
  - ebpf.fleet.attributes
  - ebpf.fleet.attributes.bpf_group
attributes:
  check_mode:
    support: full
    details:
      - What is known beforehand to be impossible fails. Whether the kernel makes such a map is known for certain only
        once it was asked to.
  diff_mode:
    support: full
    details:
      - Shows the declared parts of the map, and the mount and the directories that are made for its pin.
options:
  path:
    description:
      - Where the map is pinned, in a BPF file system. Directories that are missing there are made.
    type: path
    required: true
  state:
    description:
      - With V(present) the map is there as it is declared. Whether it is frozen makes no difference.
      - With V(frozen) it is there and can only be read from user space, by anybody and for as long as it lives, while
        programs can still write to it. That needs O(accept_latch). Linux 5.2 or newer.
      - With V(absent) it is unpinned. It lives on as long as something else holds it.
    type: str
    choices: [present, absent, frozen]
    default: present
  type:
    description:
      - The type of map.
      - Either this or O(object) is needed to make a map. Without them the other options are only compared.
    type: str
    choices: [hash, array, prog_array, perf_event_array, percpu_hash, percpu_array, stack_trace, cgroup_array,
      lru_hash, lru_percpu_hash, lpm_trie, array_of_maps, hash_of_maps, devmap, sockmap, cpumap, xskmap, sockhash,
      cgroup_storage, reuseport_sockarray, percpu_cgroup_storage, queue, stack, sk_storage, devmap_hash, ringbuf,
      inode_storage, task_storage, bloom_filter, user_ringbuf, cgrp_storage, arena, insn_array, rhash]
  key_size:
    description:
      - Bytes of a key. Left out where the type of map or O(key_type) says it.
    type: int
  value_size:
    description:
      - Bytes of a value. Left out where the type of map or O(value_type) says it.
    type: int
  max_entries:
    description:
      - How many entries the map holds at most, for ring buffers their size in bytes.
      - A V(perf_event_array) without it has one for each possible CPU.
    type: int
  flags:
    description:
      - The flags of the map, none by default.
    type: list
    elements: str
    choices: [no_prealloc, no_common_lru, stack_build_id, zero_seed, rdonly_prog, wronly_prog, clone, mmapable,
      preserve_elems, inner_map, segv_on_fault, no_user_conv, rb_overwrite]
  map_extra:
    description:
      - What some types take besides, such as the number of hashes of a V(bloom_filter). Linux 5.16 or newer.
    type: int
  numa_node:
    description:
      - The NUMA node that the memory of a new map is on. It sets the flag C(numa_node).
      - The kernel does not tell the node of a map that is there, so only the flag is compared.
    type: int
  name:
    description:
      - The name of the map, up to 15 letters, digits, dots and underscores.
      - A new map without it is called by the last part of O(path), and that of a map that is there is not looked at.
    type: str
  inner_map:
    description:
      - What the maps in an V(array_of_maps) or V(hash_of_maps) are like.
      - The kernel does not tell that of a map that is there, so it is compared with one of the maps in it, and not at
        all while it is empty. The number of entries is not compared.
    type: dict
    suboptions:
      type:
        description: As O(type).
        type: str
        required: true
        choices: [hash, array, prog_array, perf_event_array, percpu_hash, percpu_array, stack_trace, cgroup_array,
          lru_hash, lru_percpu_hash, lpm_trie, array_of_maps, hash_of_maps, devmap, sockmap, cpumap, xskmap, sockhash,
          cgroup_storage, reuseport_sockarray, percpu_cgroup_storage, queue, stack, sk_storage, devmap_hash, ringbuf,
          inode_storage, task_storage, bloom_filter, user_ringbuf, cgrp_storage, arena, insn_array, rhash]
      key_size:
        description: As O(key_size).
        type: int
      value_size:
        description: As O(value_size).
        type: int
      max_entries:
        description: As O(max_entries).
        type: int
      flags:
        description: As O(flags).
        type: list
        elements: str
        choices: [no_prealloc, no_common_lru, stack_build_id, zero_seed, rdonly_prog, wronly_prog, clone, mmapable,
          preserve_elems, inner_map, segv_on_fault, no_user_conv, rb_overwrite]
  key_type:
    description:
      - The type of keys as C text, such as C(__u32), C(struct flow_key), or C(struct { __u32 address; __u16 port; }).
      - Or a struct, as a mapping of its members to their types in their order. A type may have the lengths of an array
        or the bits of a bitfield behind it, as in C(__u8[6]) and C(__u32:3), or be such a mapping again.
      - The map gets it as BTF, so that M(ebpf.fleet.bpf_map_entry_info) and C(bpftool) show keys as what they are.
      - It goes together with O(value_type), except for a V(bloom_filter), which has values alone. Several types of map
        take no types.
    type: raw
  value_type:
    description:
      - The type of values, as O(key_type).
    type: raw
  types:
    description:
      - Declarations of structs, unions, enums and typedefs that O(key_type) and O(value_type) name. The compiler's
        layout for the BPF target is followed. The integers of kernel headers need no declaration.
    type: str
  object:
    description:
      - An object file on the target that declares the map O(object_map) in its section C(.maps), as libbpf reads it.
        The map is made with its name and types. Options that are given besides go first.
    type: path
  object_map:
    description:
      - The name of the map in O(object).
    type: str
  recreate:
    description:
      - If the map is not as declared, make a new one and put its pin into the place of the old one, in one step. Its
        entries are lost.
      - A map that programs or other maps still use is not replaced, as they go on with the old one.
    type: bool
    default: false
  force:
    description:
      - Replace a map that is in use too. RV(split) tells by what.
    type: bool
    default: false
  accept_latch:
    description:
      - Allow to freeze a map, which cannot be taken back.
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
  - Types are compared by what they mean for bytes, that is names of members, their places and kinds. Names of structs
    and typedefs make no difference.
  - Making a map needs C(CAP_BPF), and to find out who uses one needs C(CAP_SYS_ADMIN), so normally C(become).
  - RV(split) does not tell processes that have the map open. M(ebpf.fleet.bpf_map_info) does, with C(include=[pids]).
  - Names in a BPF file system cannot have a dot.
  - A C(prog_array) loses its entries with the last pin and descriptor, even if programs use it.
seealso:
  - module: ebpf.fleet.bpf_map_info
  - module: ebpf.fleet.bpf_map_entry_info
  - module: ebpf.fleet.bpf_pin
"""

EXAMPLES = r"""
- name: Declare a block list that programs find by its pin
  ebpf.fleet.bpf_map:
    path: /sys/fs/bpf/example/blocked
    type: lpm_trie
    max_entries: 10000
    flags: [no_prealloc]
    types: |
      struct prefix { __u32 length; __u8 address[4]; };
      struct rule { __u64 hits; char reason[16]; };
    key_type: struct prefix
    value_type: struct rule

- name: Declare a table of clients with the members of its structs
  ebpf.fleet.bpf_map:
    path: /sys/fs/bpf/example/clients
    type: hash
    max_entries: 4096
    key_type: {address: "__u8[16]", port: __u16}
    value_type:
      limit: __u32
      state: {active: "__u32:1", retries: "__u32:7"}
      packets: __u64

- name: Make the block list larger, if nothing uses it
  ebpf.fleet.bpf_map:
    path: /sys/fs/bpf/example/blocked
    type: lpm_trie
    key_size: 8
    value_size: 24
    max_entries: 20000
    flags: [no_prealloc]
    recreate: true

- name: Make a map as an object file declares it
  ebpf.fleet.bpf_map:
    path: /sys/fs/bpf/example/backends
    object: /usr/lib/bpf/balancer.bpf.o
    object_map: backends

- name: Make a table of tables
  ebpf.fleet.bpf_map:
    path: /sys/fs/bpf/example/tenants
    type: hash_of_maps
    key_size: 4
    max_entries: 64
    inner_map:
      type: hash
      key_size: 16
      value_size: 8
      max_entries: 1024

- name: Let nobody write to it any more but programs
  ebpf.fleet.bpf_map:
    path: /sys/fs/bpf/example/blocked
    state: frozen
    accept_latch: true

- name: Remove it
  ebpf.fleet.bpf_map:
    path: /sys/fs/bpf/example/blocked
    state: absent
"""

RETURN = r"""
map:
  description:
    - The map as M(ebpf.fleet.bpf_map_info) lists it after the change, in check mode as it would be. V(null) with
      O(state=absent).
  returned: success
  type: dict
  contains:
    id:
      description: Id of the map. V(null) in check mode for a map that would be made.
      type: int
      sample: 117
    type:
      description: Type of the map.
      type: str
      sample: lpm_trie
    name:
      description: Name of the map.
      type: str
      sample: blocked
    flags:
      description: The flags as a number.
      type: int
      sample: 1
    flag_names:
      description: The flags by name.
      type: list
      elements: str
      sample: [no_prealloc]
    bytes_key:
      description: Size of a key in bytes.
      type: int
      sample: 8
    bytes_value:
      description: Size of a value in bytes.
      type: int
      sample: 24
    max_entries:
      description: How many entries fit.
      type: int
      sample: 10000
    bytes_memlock:
      description: The memory of the map in bytes, as far as the kernel tells.
      type: int
      sample: 1008
    owner_prog_type:
      description: Type of the programs in a C(prog_array).
      type: str
      sample: null
    owner_jited:
      description: Whether those programs are JIT compiled.
      type: bool
      sample: null
    frozen:
      description: Whether user space can no longer write to it.
      type: bool
      sample: false
    dev:
      description: The network device that a map is bound to.
      type: dict
      sample: null
    btf_id:
      description: Id of the BTF object with the types of the map.
      type: int
      sample: 41
    btf_key_type_id:
      description: Type of keys in that BTF object.
      type: int
      sample: 3
    btf_value_type_id:
      description: Type of values in that BTF object.
      type: int
      sample: 7
    btf_vmlinux_value_type_id:
      description: Type of values in the kernel's own BTF.
      type: int
      sample: null
    btf_vmlinux_id:
      description: Id of the BTF object of the kernel or a module that this type is in.
      type: int
      sample: null
    map_extra:
      description: What some types take besides.
      type: int
      sample: 0
    unavailable:
      description: Why keys are V(null) that are not known.
      returned: when something is missing
      type: dict
      sample: {id: check mode}
split:
  description:
    - The programs and maps that go on with the old map, as a new one has taken its place, or that keep the task from
      doing that.
  returned: when the map is not as declared and O(recreate) is set
  type: dict
  contains:
    programs:
      description: Programs that use it.
      type: list
      elements: dict
      sample: [{id: 406, type: sched_cls, name: cil_from_netdev}]
    maps:
      description: Maps of maps that have it as an entry.
      type: list
      elements: dict
      sample: []
failure:
  description: The call of the kernel that failed, its error, and what may help.
  returned: when the kernel refused something
  type: dict
  contains:
    call:
      description: The command of the kernel.
      type: str
      sample: BPF_MAP_CREATE
    errno:
      description: Its error as a number.
      type: int
      sample: 22
    name:
      description: Its error by name.
      type: str
      sample: EINVAL
    hint:
      description: What may help.
      type: str
      sample: "This kernel does not know ..."
    log:
      description: What the kernel wrote while it looked at the types.
      returned: when it refused the types
      type: str
      sample: "[4] STRUCT flow size=8 vlen=1 Invalid member"
"""

from ..module_utils._module.map_declare import run


def main() -> None:
    run()


if __name__ == "__main__":
    main()
