# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

"""Stands in for qemu: answers on the control descriptor, greets as an ssh server would, ends when it is told to.

What it reads from ``behave`` in its folder when it starts: "refuse" ends at once with a message, "mute" greets nobody.
"""

import json
import pathlib
import re
import signal
import socket
import sys
import threading


def serve(listener):
    while True:
        connection, _address = listener.accept()
        connection.sendall(b"SSH-2.0-fake\r\n")
        connection.close()


def answer(message, port, state):
    command = message["execute"]
    if command == "human-monitor-command":
        return f"Hub 0\r\n  TCP[HOST_FORWARD]  12  127.0.0.1 {port}  10.0.2.15  22  0  0\r\n"
    if command == "query-status":
        return {"status": state.pop(0) if len(state) > 1 else state[0]}
    return {"status": "completed"} if command == "query-migrate" else {}


def main(words):
    if "--version" in words:
        print("QEMU emulator version 0 (fake)")
        return
    behave = pathlib.Path("behave")
    way = behave.read_text() if behave.exists() else ""
    if way == "refuse":
        sys.exit("qemu: no such machine")
    signal.signal(signal.SIGTERM, lambda *_arguments: sys.exit(0))
    pathlib.Path("console.log").touch()
    text = " ".join(words)
    listener = socket.create_server(("127.0.0.1", int(re.search(r"127\.0\.0\.1:(\d+)-:22", text)[1])))
    if way != "mute":
        threading.Thread(target=serve, args=[listener], daemon=True).start()
    control = socket.socket(fileno=int(re.search(r"control,fd=(\d+)", text)[1]))
    stream = control.makefile("rw")

    def say(message):
        stream.write(json.dumps(message) + "\n")
        stream.flush()

    say({"QMP": {}})
    state = ["inmigrate", "inmigrate", "paused"] if "-incoming" in words else ["running"]
    for line in stream:
        say({"event": "SOMETHING"})
        message = json.loads(line)
        if message["execute"] == "bad":
            say({"error": {"desc": "no such command"}})
        else:
            say({"return": answer(message, listener.getsockname()[1], state)})
    signal.pause()


main(sys.argv[1:])
