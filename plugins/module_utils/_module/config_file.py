# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection: no stability promise to other users.
from __future__ import annotations

import errno
import os

from .._kernel import errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule

_MODE = 0o644
_FOLDER_MODE = 0o755


def read(path: str) -> bytes | None:
    """Return the content of a file, None where there is none; raises `KernelError`."""
    try:
        with open(path, "rb") as handle:
            return handle.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise errors.kernel_error(f"read {path}", error.errno or 0) from None


def mask(path: str) -> str | None:
    """Return why a file is not to be written that is no regular one, None where it may be.

    A link to /dev/null is the way in which administrators switch such a file off.
    """
    real = os.path.realpath(path)
    if not os.path.exists(real) or os.path.isfile(real):
        return None
    return f"it is masked or not a file (it stands for {real}): choose another file, or remove it"


def replace(module: AnsibleModule, path: str, content: bytes | None) -> None:
    """Give a file new content in one step, None removes it; raises `KernelError`.

    Whoever reads the file, after a crash too, finds the old content or the new. Mode, owner and SELinux context stay; a
    new file is 0644 and its directory is made, 0755, whatever the umask. A symbolic link stays one: the file that it
    names is replaced, unless it is no regular file.
    """
    path = os.path.realpath(path)
    if mask(path):
        raise errors.kernel_error(f"replace {path}", errno.EINVAL)
    try:
        if content is None:
            os.unlink(path)
        else:
            _make_folder(os.path.dirname(path))
            _replace(module, path, content)
        _sync_directory(os.path.dirname(path))
    except OSError as error:
        raise errors.kernel_error(f"{'remove' if content is None else 'write'} {path}", error.errno or 0) from None


def _make_folder(path: str) -> None:
    if os.path.isdir(path):
        return
    _make_folder(os.path.dirname(path))
    os.mkdir(path)
    # hardened hosts have a umask that would close it
    os.chmod(path, _FOLDER_MODE)


def _replace(module: AnsibleModule, path: str, content: bytes) -> None:
    new = not os.path.exists(path)
    # In the same directory, so that the move is one rename; no reader of such directories takes a name without ".conf".
    beside = f"{path}.ebpf-fleet-{os.getpid()}"
    try:
        # what a killed process of the same number has left
        _forget(beside)
        _write(beside, content)
        # atomic_move of ansible-core hands on mode, owner and SELinux context of the old file, or the policy's default.
        module.atomic_move(beside, path)
    finally:
        _forget(beside)
    if new:
        os.chmod(path, _MODE)


def _forget(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass


def _write(path: str, content: bytes) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(fd, view) :]
        os.fsync(fd)
    finally:
        os.close(fd)


def _sync_directory(path: str) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
