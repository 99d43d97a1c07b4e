from __future__ import annotations

import platform
import subprocess
import sys

import pytest

SCRIPT = """
import resource
import psutil
import torch
from volseg.nn.allocator import keep_freed_memory, release_freed_memory

if {keep}:
    keep_freed_memory()

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

for _ in range(10):
    torch.ones(1 << 24)
before = faults()
for _ in range(4):
    torch.ones(1 << 24)
print(faults() - before)
kept = psutil.Process().memory_info().rss
release_freed_memory()
print(kept - psutil.Process().memory_info().rss)
"""


def _cost(keep: bool) -> tuple[int, int]:
    """Pages that four tensors of 64 MiB are given anew; bytes that releasing gives back."""
    script = SCRIPT.format(keep=keep)
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    pages, released = map(int, ran.stdout.split())
    return pages, released


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="settings of glibc's")
def test_tensors_take_the_room_of_those_before_them_until_it_is_released() -> None:
    (kept, released), (fresh, nothing) = _cost(keep=True), _cost(keep=False)
    assert kept < 100 < fresh
    assert nothing < 1 << 24 < released
