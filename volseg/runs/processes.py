"""Processes that train together: how they meet, and which of them says what went wrong.

``volseg_cli.launch`` starts them where torchrun does not; of several that fail the first alone
speaks, which the store they met at decides.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import torch
import torch.distributed as dist
from torch.distributed.distributed_c10d import Store
from torch.distributed.rendezvous import rendezvous

from volseg.errors import AnotherFailedError, InputError, LostProcessError

MEETING = timedelta(minutes=5)
WAITING = timedelta(hours=2)
"""How long a process waits for the others: to start, and later for the slowest of them."""


@contextmanager
def joined() -> Iterator[None]:
    """Meet the other processes that a launcher started, until the block ends.

    Of all that fail one alone, the first, lets its error through.

    Raises:
        InputError: if the others cannot be met.
        AnotherFailedError: in place of any error, if another process failed before.
        LostProcessError: if another process ended without an error.
    """
    store = _meet()
    try:
        yield
    except (Exception, KeyboardInterrupt) as error:
        if not _is_first(store):
            raise AnotherFailedError("another process failed") from error
        if is_lost(error):
            raise LostProcessError(
                "another process ended before its time; what was saved is usable, --resume goes on"
            ) from error
        raise
    if dist.is_initialized():
        dist.destroy_process_group()


def is_lost(error: BaseException) -> bool:
    """Whether an error is that of talking to a process that is gone."""
    told = str(error)
    return isinstance(error, RuntimeError) and (
        isinstance(error, dist.DistError) or "gloo" in told or "NCCL" in told
    )


def require_gpus(device: torch.device) -> None:
    """Refuse to share a GPU between processes of this machine.

    Raises:
        InputError: if the launcher started more processes here than there are GPUs.
    """
    wanted = int(os.environ.get("LOCAL_WORLD_SIZE", 1))
    found = torch.cuda.device_count()
    if device.type == "cuda" and wanted > found:
        raise InputError(
            f"{wanted} processes here, and torch sees {found} CUDA GPU{'s' * (found > 1)}; "
            f"use --devices {found} (with torchrun --nproc-per-node {found}), or --device cpu"
        )


def _meet() -> Store:
    try:
        store: Store = next(iter(rendezvous("env://", timeout=MEETING)))[0]
    except (RuntimeError, ValueError) as error:
        place = ":".join(os.environ.get(name, "?") for name in ("MASTER_ADDR", "MASTER_PORT"))
        reason = str(error).splitlines()[0]
        raise InputError(
            f"cannot meet the other processes at {place} ({reason}); start all of them, and let "
            "the first node's port be reached"
        ) from None
    return store


def _is_first(store: Store) -> bool:
    try:
        return bool(store.add("volseg/failed", 1) == 1)
    except RuntimeError:
        return False  # the process that keeps the store is gone: it failed before
