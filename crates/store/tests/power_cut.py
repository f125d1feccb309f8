#!/usr/bin/env python3
"""Power cuts instead of kills: runs the kill test on an ext4 of its own, and shuts that down at each kill.

    sudo tests/power_cut.py [ROUNDS]        (from crates/store; needs root, a loop device, and cargo)

EXT4_IOC_SHUTDOWN with NOLOGFLUSH drops all that was not handed to the device: page cache and uncommitted journal. What a drive's
own cache loses is not modelled.
"""

import fcntl
import os
import signal
import struct
import subprocess
import sys
import tempfile
import time

EXT4_IOC_SHUTDOWN = 0x8004587D
NOLOGFLUSH = 2
IMAGE_BYTES = 1 << 30


def main(rounds):
    with tempfile.TemporaryDirectory() as base:
        image, mount = os.path.join(base, "image"), os.path.join(base, "mount")
        os.mkdir(mount)
        with open(image, "wb") as file:
            file.truncate(IMAGE_BYTES)
        subprocess.run(["mkfs.ext4", "-q", image], check=True)
        subprocess.run(["mount", "-o", "loop", image, mount], check=True)
        try:
            environment = dict(
                os.environ,
                ROLLCALL_KILL_DIR=os.path.join(mount, "data"),
                ROLLCALL_KILL_COMMAND=os.path.abspath(__file__),
                ROLLCALL_KILL_ROUNDS=str(rounds),
                POWER_CUT_IMAGE=image,
                POWER_CUT_MOUNT=mount,
            )
            cargo = ["cargo", "test", "--locked", "-p", "store", "--test", "kill", "--", "--nocapture"]
            return subprocess.run(cargo, env=environment, check=False).returncode
        finally:
            subprocess.run(["umount", mount], check=False)


def cut(process, image, mount):
    """The process is stopped in the middle of whatever it does, the file system is gone, and comes back."""
    os.kill(process, signal.SIGSTOP)
    root = os.open(mount, os.O_RDONLY)
    fcntl.ioctl(root, EXT4_IOC_SHUTDOWN, struct.pack("I", NOLOGFLUSH))
    os.close(root)
    os.kill(process, signal.SIGKILL)
    for _ in range(200):
        if subprocess.run(["umount", mount], capture_output=True, check=False).returncode == 0:
            break
        time.sleep(0.05)
    subprocess.run(["mount", "-o", "loop", image, mount], check=True)


if __name__ == "__main__":
    if "POWER_CUT_MOUNT" in os.environ:
        cut(int(sys.argv[1]), os.environ["POWER_CUT_IMAGE"], os.environ["POWER_CUT_MOUNT"])
    else:
        sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10))
