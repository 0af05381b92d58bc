# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Takes the entries of a task and does nothing with them: what is left is ansible-core's."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    module = AnsibleModule(argument_spec={"entries": {"type": "list", "elements": "raw"}}, supports_check_mode=True)
    # as bpf_map_entry does: the entries go to the target, and not back
    module.exit_json(changed=False, invocation={"module_args": {}})


if __name__ == "__main__":
    main()
