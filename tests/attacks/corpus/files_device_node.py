"""Makes a device node for the disk, to read it past all permissions."""
# category: files
# stopped by: mountns, caps, uid

import os
import stat


def attack():
    os.mknod("disk", stat.S_IFBLK | 0o600, os.makedev(8, 0))
    os.unlink("disk")
    return True
