#!/bin/sh
# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# What systemd gives to a unit, or the manager to all (no unit), and what the main process of the unit has: lines of soft
# and hard. "state UNIT" waits until a unit does not start any more and prints its state.
set -eu

value() {
    systemctl show -p "$1" --value ${2:+"$2"}
}

if [ "${1-}" = state ]; then
    for _turn in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
        sleep 1
        state=$(value ActiveState "$2")
        case $state in
            activating | deactivating) ;;
            *) break ;;
        esac
    done
    # a unit that is about to fail is active for a moment
    sleep 3
    value ActiveState "$2"
elif [ $# = 0 ]; then
    echo "$(value DefaultLimitMEMLOCKSoft) $(value DefaultLimitMEMLOCK)"
else
    echo "$(value LimitMEMLOCKSoft "$1") $(value LimitMEMLOCK "$1")"
    prlimit --pid "$(value MainPID "$1")" --memlock --output SOFT,HARD --noheadings --raw
fi
