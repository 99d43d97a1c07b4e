"""Work on many files: one that fails is named at the end and does not stop the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import typer

from volseg.errors import InputError
from volseg.progress import counted
from volseg_cli import console
from volseg_cli.bar import Bar


def for_each(
    verb: str, files: Sequence[Path], targets: Sequence[Path], work: Callable[[Path, Path], None]
) -> None:
    """Call ``work(file, target)`` for every pair, with a progress bar.

    Exits with 2 if a file could not be used, after all others are done.
    """
    failed: list[str] = []
    with Bar() as bar:
        pairs = zip(files, targets, strict=True)
        for file, target in counted(pairs, verb, len(files), bar):
            try:
                work(file, target)
            except InputError as error:
                failed.append(file.name)
                console.fail(str(error.at(file)))
    finish(failed, len(files))


def finish(failed: Sequence[str], total: int) -> None:
    """Exit with 2 if some of the files could not be used, and list them."""
    if failed:
        if total > 1:
            done = f"{total - len(failed)} of {total} files done"
            console.note(f"{done}, {len(failed)} failed: {', '.join(failed)}")
        raise typer.Exit(2)


def say_alone(names: Sequence[str], noun: str) -> None:
    """Say which files of a truth, scans for one, have no prediction."""
    if names:
        alone = console.several(names)
        console.note(f"{len(names)} of the truth's {noun} have no prediction: {alone}")


def finish_pairs(failed: Sequence[InputError], total: int) -> None:
    """Say which pairs of files could not be compared and why, and exit with 2 if there are any."""
    for error in failed:
        console.fail(str(error))
    finish([error.path.name if error.path else "?" for error in failed], total)
