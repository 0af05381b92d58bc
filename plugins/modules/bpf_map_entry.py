#!/usr/bin/python
# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: bpf_map_entry
short_description: Declare entries of a BPF map
version_added: 0.1.0
description:
  - Brings entries of one BPF map to what the task says, as typed values where the map has BTF. Other entries stay as
    they are, unless O(purge) makes the list exclusive.
  - Takes entries as M(ebpf.fleet.bpf_map_entry_info) returns them and as M(ebpf.fleet.bpf_map_dump) writes them. Giving
    back what was read changes nothing.
  - All that is given is looked at before the first write. Only what differs is written, in batches where the kernel has
    them, first updates, then additions, then deletions. What was written is read again.
author:
  - ebpf.fleet contributors (@ebpf-fleet)
extends_documentation_fragment:
  - ebpf.fleet.attributes
  - ebpf.fleet.attributes.bpf_group
  - ebpf.fleet.attributes.action_plugin
  - ebpf.fleet.map_content
attributes:
  check_mode:
    support: full
    details:
      - Reads the map and opens what values name, and writes nothing. O(src) is copied to the temporary folder of the
        task on the target.
  diff_mode:
    support: full
    details:
      - Shows at most 100 of the entries that change, and C(more) tells how many others there are.
  action:
    details:
      - It copies O(src) to the target.
  async:
    support: full
  idempotent:
    description: Whether the same task, run again, finds nothing to change.
    support: partial
    details:
      - Programs and other processes may change entries between two runs, and the kernel evicts entries of LRU maps.
      - Values that are pushed into a C(queue) or C(stack) are pushed again, see O(allow_non_idempotent).
options:
  entries:
    description:
      - Entries, each a mapping with C(key) and C(value), or C(per_cpu) in per-CPU maps, and C(state) where it is
        another one than O(state). C(key_raw) and C(value_raw) are the same in hexadecimal, and win.
      - C(value) in a per-CPU map is for all CPUs.
      - C(value) in C(prog_array) and maps of maps is C({id}), C({pinned}) or C({name}) of a program or map.
      - Up to some 5,000 entries are a task of normal speed, since the controller has to handle each of them. O(src) is
        for more.
    type: list
    elements: raw
  key:
    description:
      - The key of a single entry, in the form of O(key_format).
    type: raw
  key_raw:
    description:
      - The same key in hexadecimal, whatever O(key_format) is.
    type: str
  value:
    description:
      - The value of a single entry, in the form of O(value_format), or the value to push into a C(queue) or C(stack).
    type: raw
  value_raw:
    description:
      - The same value in hexadecimal, whatever O(value_format) is.
    type: str
  per_cpu:
    description:
      - The values of a single entry of a per-CPU map, mappings with C(cpu) and C(value) or C(value_raw).
    type: list
    elements: dict
  src:
    description:
      - A file with entries as JSON Lines, one entry a line, as M(ebpf.fleet.bpf_map_dump) writes it, packed with gzip
        or not. It is looked for on the controller as other files of a task are, in C(files) for example.
    type: path
  remote_src:
    description:
      - Whether O(src) is on the target already.
    type: bool
    default: false
  state:
    description:
      - Whether entries have to be there with their values, or must not be there. Values of absent entries are not
        looked at.
      - V(absent) without any entry pops the next value of a C(queue) or C(stack).
    type: str
    choices: [present, absent]
    default: present
  purge:
    description:
      - Delete the entries that O(entries) or O(src) do not have.
      - Exactly those are deleted that were there when the map was read. What comes later stays, and is told in
        RV(appeared_during_run).
      - LRU maps cannot be purged, since the kernel evicts their entries as it likes.
    type: bool
    default: false
  allow_empty:
    description:
      - Whether O(purge) may empty a map, that is, whether the list may have no present entry.
    type: bool
    default: false
  max_deletes:
    description:
      - How many entries O(purge) may delete. If they are more, the task fails before the first write.
      - By default the larger of 100 and 10 % of the entries in the map.
    type: int
  absent_means:
    description:
      - Entries of an C(array) or C(percpu_array) are always there. With V(zero), O(state=absent) and O(purge) set their
        values to zero, otherwise they are refused.
    type: str
    choices: [zero]
  flags:
    description:
      - V(exist) changes only entries that are there, V(noexist) only adds. An entry that has the wanted value already
        is fine with all of them.
      - V(exist) drops the oldest value of a full C(queue) or C(stack).
    type: str
    choices: [any, exist, noexist]
    default: any
  unlisted_fields:
    description:
      - What becomes of fields of a value that an entry does not give, and of CPUs that C(per_cpu) does not have.
      - V(error) fails, V(zero) sets them to zero, V(keep) leaves them as they are, which needs an entry that is there.
    type: str
    choices: [error, zero, keep]
    default: error
  ignore_fields:
    description:
      - Fields of values with BTF that programs write themselves, such as V(packets) or V(flow.ports[1]). They are not
        compared, stay as they are in updates, and do not have to be given.
    type: list
    elements: str
    default: []
  allow_non_idempotent:
    description:
      - Push values into a C(queue) or C(stack), or pop one, each time the task runs.
    type: bool
    default: false
  on_error:
    description:
      - What to do when the kernel refuses an entry. V(stop) leaves the others, V(continue) tries them. The task fails
        in both cases, and tells how far it came.
    type: str
    choices: [stop, continue]
    default: stop
  verify:
    description:
      - What to do when an entry that was written is something else when it is read again, for programs write too.
        V(warn) tells so in RV(drifted_during_run), V(strict) fails the task.
    type: str
    choices: [warn, strict]
    default: warn
notes:
  - The bytes of locks and timers are the kernel's and are not compared, nor is padding. Padding of a key counts, as it
    does for the kernel.
  - Bits behind the prefix do not count in keys of an LPM trie.
  - The kernel clears a C(prog_array) when its last pin and descriptor go. A task that names it by O(id) or O(name)
    writes only if a pin or another process keeps it.
  - Maps that hold perf events, control groups or sockets, local storage, C(struct_ops), ring buffers, bloom filters and
    stack traces are not written. The task fails with the reason.
  - Writing with several entries is not atomic. A task that was killed in the middle has written a part of them, and
    another run goes on.
seealso:
  - module: ebpf.fleet.bpf_map_entry_info
  - module: ebpf.fleet.bpf_map_dump
"""

EXAMPLES = r"""
- name: Set one entry
  ebpf.fleet.bpf_map_entry:
    pinned: /sys/fs/bpf/example/table
    key: 7
    value: 70

- name: Declare the whole block list
  ebpf.fleet.bpf_map_entry:
    pinned: /sys/fs/bpf/example/blocked
    key_format: cidr
    value_format: u32
    entries:
      - key: 192.0.2.0/24
        value: 1
      - key: 198.51.100.7/32
        value: 1
    purge: true

- name: Let one entry go
  ebpf.fleet.bpf_map_entry:
    pinned: /sys/fs/bpf/example/table
    key: 7
    state: absent

- name: Load 100,000 entries from a file on the controller
  ebpf.fleet.bpf_map_entry:
    pinned: /sys/fs/bpf/example/table
    src: table.jsonl.gz
    purge: true
    max_deletes: 1000

- name: Change the limits and leave the counters of the program alone
  ebpf.fleet.bpf_map_entry:
    pinned: /sys/fs/bpf/example/clients
    entries:
      - key: 10
        value: {limit: 500}
    unlisted_fields: keep
    ignore_fields: [packets, bytes]
"""

RETURN = r"""
map:
  description: The map.
  returned: success
  type: dict
  contains:
    id:
      description: Id of the map until the next reboot.
      type: int
      sample: 18
    type:
      description: Type of the map.
      type: str
      sample: hash
    name:
      description: Name given by the loader.
      type: str
      sample: table
    bytes_key:
      description: Size of a key.
      type: int
      sample: 4
    bytes_value:
      description: Size of a value.
      type: int
      sample: 8
    max_entries:
      description: Entries it has room for.
      type: int
      sample: 1024
counts:
  description: What becomes of the entries, in check mode what would.
  returned: success
  type: dict
  contains:
    added:
      description: Entries that were not there.
      type: int
      sample: 12
    updated:
      description: Entries whose value was another one.
      type: int
      sample: 1
    deleted:
      description: Entries that were there, or in an array were not zero.
      type: int
      sample: 0
    unchanged:
      description: Entries of the task that were as they shall be.
      type: int
      sample: 987
order:
  description:
    - The steps that there were to do, in their order.
    - Deletions come last, unless there would be no room for what is added. The task warns then.
  returned: success
  type: list
  elements: str
  sample: [update, add]
written:
  description: How many entries were written or deleted. It is 0 in check mode.
  returned: always, once the map was read
  type: int
  sample: 13
failed_entries:
  description: At most 100 of the entries that the kernel refused, each with C(key) and C(error).
  returned: always, once the map was read
  type: list
  elements: dict
  sample: []
not_attempted:
  description: How many entries were left when the task stopped at the first one that was refused.
  returned: always, once the map was read
  type: int
  sample: 0
evicted:
  description: How many of the written entries the kernel has evicted from an LRU map already.
  returned: success, in maps with keys
  type: int
  sample: 0
appeared_during_run:
  description: At most 100 keys of entries that came after the map was read and were not purged for that.
  returned: success, in maps with keys
  type: list
  elements: raw
  sample: []
drifted_during_run:
  description: At most 100 keys of entries that were something else when they were read again.
  returned: success, in maps with keys
  type: list
  elements: raw
  sample: []
popped:
  description: The value that was taken out of a queue or stack, as an entry in a list, or an empty list.
  returned: O(state=absent) for a queue or stack
  type: list
  elements: dict
  sample: [{key: null, value: 7}]
near_matches:
  description: Up to five maps that come close to the selectors when nothing matched.
  returned: when the map is not found
  type: list
  elements: dict
  sample: []
failure:
  description: The call of the kernel that failed, its error, and what may help.
  returned: when the kernel refused something
  type: dict
  sample: {call: BPF_MAP_GET_FD_BY_ID, errno: 1, name: EPERM, hint: "The process lacks CAP_SYS_ADMIN: run with become."}
"""

from ..module_utils._module import once


def main() -> None:
    # Tasks with a list of entries are many and short: what travels with them is compiled once.
    with once.compiled():
        from ..module_utils._module.map_entry import run

    run()


if __name__ == "__main__":
    main()
