"""How the C library keeps the memory of tensors; nothing happens where it is not glibc."""

from __future__ import annotations

import ctypes

# Numbers of glibc's malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
LARGEST = 1 << 30
"""Bytes of the largest block whose room is kept."""


def keep_freed_memory() -> None:
    """Have freed tensors make room for the next ones, from here to the end of the process.

    Left alone, glibc maps every block above 32 MiB anew, and the kernel clears it page by page:
    up to a third of the time of a training step on a CPU. The price is what fragments, some
    tenths of the peak.
    """
    libc = _glibc()
    if libc is not None:
        libc.mallopt(_MMAP_THRESHOLD, LARGEST)
        libc.mallopt(_TRIM_THRESHOLD, -1)


def release_freed_memory() -> None:
    """Hand the kernel what is kept but free, once."""
    libc = _glibc()
    if libc is not None:
        libc.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    try:
        libc = ctypes.CDLL(None)
    except (OSError, TypeError):  # Windows
        return None
    return libc if hasattr(libc, "gnu_get_libc_version") else None
