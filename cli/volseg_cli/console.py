"""What commands print: lines and tables; results to stdout, the rest to stderr."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from volseg.errors import InputWarning

# Names of files and classes may hold brackets and colons, which are no markup.
out = Console(soft_wrap=True, markup=False, emoji=False, highlight=False)
err = Console(stderr=True, soft_wrap=True, emoji=False, highlight=False)


def fail(message: str) -> None:
    """One red line that says what went wrong."""
    err.print(f"[bold red]error:[/] {escape(message)}")


def note(message: str) -> None:
    """One dim line about what is going on, unless this process is to be quiet."""
    if not out.quiet:
        err.print(escape(message), style="dim")


@contextmanager
def remarks() -> Iterator[None]:
    """Say at the end what was odd about files that were used all the same, each thing once."""
    names: dict[str, dict[str, None]] = {}
    show = warnings.showwarning

    def keep(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
        if isinstance(message, InputWarning):
            files = names.setdefault(message.message, {})
            if message.path is not None:
                files[message.path.name] = None
        else:
            show(message, category, *place, **more)

    warnings.simplefilter("always", InputWarning)
    warnings.showwarning = keep
    try:
        yield
    finally:
        warnings.showwarning = show
        for text, files in names.items():
            note(f"{several(list(files))}: {text}" if files else text)


def table(*columns: str, title: str | None = None) -> Table:
    """A table whose first column is text and whose others are numbers."""
    made = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for number, column in enumerate(columns):
        made.add_column(column, justify="left" if number == 0 else "right", no_wrap=True)
    return made


def show(made: Table) -> None:
    """Print a table whole: where the screen is too narrow it wraps lines, no name is cut."""
    made.width = out.measure(made, options=out.options.update(width=10_000)).maximum
    out.print(made)


def several(names: Sequence[str], limit: int = 6) -> str:
    """Names on one line, the first few and how many more."""
    more = len(names) - limit
    return ", ".join(names[:limit]) + (f" and {more} more" if more > 0 else "")


def say_json(facts: object) -> None:
    """Print facts as JSON, which has null where a number is none."""
    out.print(json.dumps(_plain(facts), indent=1, default=str, allow_nan=False))


def _plain(facts: object) -> object:
    if isinstance(facts, dict):
        return {str(name): _plain(value) for name, value in facts.items()}
    if isinstance(facts, list | tuple):
        return [_plain(value) for value in facts]
    return None if isinstance(facts, float) and not math.isfinite(facts) else facts


def machine(device: object, processes: int = 1) -> str:
    """What a long run computes on: devices, threads, memory."""
    import psutil
    import torch

    free = psutil.virtual_memory().available / 2**30
    times, each = (f"{processes} x ", " each") if processes > 1 else ("", "")
    if str(device).startswith("cuda"):
        return f"on {times}{torch.cuda.get_device_name()}, {free:.0f} GiB of memory free"
    many = torch.get_num_threads()
    threads = f"{many} thread" + ("s" if many > 1 else "")
    return f"on {times}{device}, {threads}{each}, {free:.0f} GiB of memory free"


def memory_used() -> str:
    """Memory this process holds, that of the GPU where it computes on one."""
    import psutil
    import torch

    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        return f"{torch.cuda.memory_reserved() / 2**30:.1f} GiB on the GPU"
    return f"{psutil.Process().memory_info().rss / 2**30:.1f} GiB"


def say_metres(without_crs: Sequence[str]) -> None:
    """Say which scans name no coordinate system, and what is made of that."""
    if without_crs:
        note(f"no coordinate system named, units taken as metres: {several(without_crs)}")
