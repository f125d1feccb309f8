"""Cuts the power of the ext4 file system mounted at the path given: EXT4_IOC_SHUTDOWN with NOLOGFLUSH.

What was submitted to the block device stays; the page cache and the uncommitted journal are lost."""
import fcntl
import os
import struct
import sys

EXT4_IOC_SHUTDOWN = 0x8004587D  # _IOR('X', 125, __u32)
NOLOGFLUSH = 2

mount = os.open(sys.argv[1], os.O_RDONLY)
fcntl.ioctl(mount, EXT4_IOC_SHUTDOWN, struct.pack("I", NOLOGFLUSH))
os.close(mount)
