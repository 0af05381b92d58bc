# Copyright (c) 2026, ebpf.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is in a guest, as data. A change here or in ``rootfs.py`` makes new images: both are part of their keys."""

from __future__ import annotations

# No pyroute2 (packages=python3-pyroute2 adds it) and no libpam-systemd: logind costs seconds at each login.
PACKAGES = [
    "systemd-sysv",
    "systemd",
    "udev",
    "dbus",
    "kmod",
    "procps",
    "iproute2",
    "openssh-server",
    "sudo",
    "libpam-modules",
    "python3",
    "bpftool",
    "strace",
]
# nobody reads these in a guest
EXCLUDED = ("doc", "info", "locale", "man")
IMAGE_SIZE = "3G"
INITRD_MODULES = ["virtio_pci", "virtio_blk", "virtio_net", "virtio_rng", "crc32c_generic", "ext4"]

# Work that a guest of some minutes has no use for, and consoles that nobody sits at; under emulation each costs time.
MASKED_UNITS = [
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
    "e2scrub_reap.service",
    "fstrim.timer",
    "getty@tty1.service",
    # would make the keys of other kinds
    "sshd-keygen.service",
    "serial-getty@ttyS0.service",
    "systemd-binfmt.service",
    "systemd-networkd-wait-online.service",
    "modprobe@dm_mod.service",
    "modprobe@drm.service",
    "modprobe@efi_pstore.service",
    "modprobe@loop.service",
]
# drivers that udev would load for devices of the emulated board
REFUSED_MODULES = [
    "ahci",
    "drm",
    "drm_kms_helper",
    "i2c_i801",
    "iTCO_wdt",
    "kvm",
    "kvm_amd",
    "kvm_intel",
    "lpc_ich",
    "pcspkr",
    "powernow_k8",
    "psmouse",
]

# Without dhcp, which would be one more program; the address is what qemu's user network forwards to.
NETWORK_UNIT = """[Unit]
Description=Static address of the only network card
DefaultDependencies=no
After=systemd-udevd.service
Before=network-pre.target ssh.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'until [ -e /sys/class/net/eth0 ]; do sleep 0.05; done'
ExecStart=/usr/bin/env PATH=/usr/sbin:/sbin ip link set lo up
ExecStart=/usr/bin/env PATH=/usr/sbin:/sbin ip address replace 10.0.2.15/24 dev eth0
ExecStart=/usr/bin/env PATH=/usr/sbin:/sbin ip link set eth0 up

[Install]
WantedBy=sysinit.target
"""
NETWORK_NAME = "vmfleet-network.service"
# the first complains of every machine without a socket to its host
REFUSED_GENERATORS = ["systemd-ssh-generator"]

# Says on the console that the kernel came this far: the probe of KVM looks for it.
PROBE_ARGUMENT = "vmfleet.probe"
PROBE_ANSWER = "vmfleet: the kernel runs"
INIT = f"""#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t devtmpfs none /dev
mount -t proc none /proc
if grep -q {PROBE_ARGUMENT} /proc/cmdline; then
    echo "{PROBE_ANSWER}" >/dev/console
    poweroff -f
fi
while read -r module; do insmod "/modules/$module"; done </modules.list
tries=0
until [ -b /dev/vda ]; do
    tries=$((tries + 1))
    [ $tries -lt 3000 ] || {{ echo "vmfleet: no disk" >/dev/console; poweroff -f; }}
    sleep 0.02
done
mount -t ext4 -o noatime /dev/vda /disk || {{ echo "vmfleet: no root file system" >/dev/console; poweroff -f; }}
umount /proc
mount -o move /dev /disk/dev
exec switch_root /disk /sbin/init
"""

# Files of the guest: path -> (text, mode)
FILES = {
    "etc/fstab": ("/dev/vda / ext4 noatime 0 0\n", 0o644),
    "etc/hosts": ("127.0.0.1 localhost\n", 0o644),
    "etc/hostname": ("vmfleet\n", 0o644),
    "etc/sudoers.d/ops": ("ops ALL=(ALL:ALL) NOPASSWD: ALL\n", 0o440),
    "etc/modprobe.d/vmfleet.conf": ("".join(f"install {name} /bin/true\n" for name in REFUSED_MODULES), 0o644),
    # empty, not absent: systemd takes an absent one for the very first boot and runs its presets
    "etc/machine-id": ("", 0o444),
    f"etc/systemd/system/{NETWORK_NAME}": (NETWORK_UNIT, 0o644),
}
# They name the archive and how to reach it, which is nothing to a guest without a network.
REMOVED = (
    "etc/apt/sources.list",
    "etc/apt/sources.list.d/*",
    "etc/apt/apt.conf.d/99mmdebstrap",
    "etc/apt/auth.conf.d/*",
    "etc/resolv.conf",
    "etc/ssh/ssh_host_*",
    "var/lib/dbus/machine-id",
)
