"""Makes a system call as 32-bit programs do, where the numbers mean other calls."""
# category: kernel
# stopped by: seccomp
# expects: crashed or passed

import ctypes
import mmap
import os


def attack():
    if os.uname().machine != "x86_64":
        return None
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")  # mov eax, 20 (getpid); int 0x80; ret
    function = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
    return function() == os.getpid()
