"""Outputs that are there whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from volseg.errors import InputError


def check_target(path: Path, *, overwrite: bool) -> None:
    """Refuse an output that could not be put in place, before any work is done.

    Raises:
        InputError: if the file exists and may not be replaced, or its folder takes no files.
    """
    if path.is_dir():
        raise InputError("is a folder; name a file to write", path=path)
    if path.exists() and not overwrite:
        raise InputError("exists already; pass --overwrite or choose another name", path=path)
    if not path.parent.is_dir():
        raise InputError(f"the folder {path.parent} does not exist; create it first", path=path)
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise InputError(
            f"the folder {path.parent} is not writable; choose another, or change its permissions",
            path=path,
        )


def make_folder(path: Path) -> None:
    """Make a folder for outputs, with those it lies in; one that is there is fine.

    Raises:
        InputError: if it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or error
        raise InputError(f"cannot be made ({reason}); name another folder", path=path) from None


@contextmanager
def replacing(path: Path, *, overwrite: bool = False) -> Iterator[BinaryIO]:
    """A stream to a temporary file beside ``path``, renamed onto it when the block ends well.

    Whatever ends the block early, an interrupt too, leaves ``path`` as it was.

    Raises:
        InputError: as `check_target`, or if the disk is full or fails.
    """
    check_target(path, overwrite=overwrite)
    with disk_errors(path), _renamed(path) as stream:
        yield stream
        check_target(path, overwrite=overwrite)


@contextmanager
def _renamed(path: Path) -> Iterator[BinaryIO]:
    """A stream to a file beside ``path``, which takes its place when the block ends well."""
    temporary = path.with_name(f".{secrets.token_hex(4)}.part")
    try:
        with temporary.open("x+b") as stream:
            yield stream
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_files(files: Mapping[Path, bytes], *, overwrite: bool) -> list[Path]:
    """Write files that belong together, none of them if one is refused from the start.

    Raises:
        InputError: as `replacing`.
    """
    for target in files:
        check_target(target, overwrite=overwrite)
    for target, data in files.items():
        with replacing(target, overwrite=overwrite) as stream:
            stream.write(data)
    return list(files)


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a small file of facts, in place of one before, whole or not at all.

    Raises:
        OSError: if the disk does not take it; `disk_errors` names what it was for.
    """
    with _renamed(path) as stream:
        stream.write(json.dumps(content).encode())


def read_json(path: Path) -> dict[str, Any] | None:
    """A file written by `write_json`; None where there is none that can be read."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Let a disk that is full or fails while ``path`` is made be an `InputError` that names it."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise InputError("the disk is full; free some space and run again", path=path) from None
        raise InputError(f"cannot be written: {error.strerror or error}", path=path) from None
