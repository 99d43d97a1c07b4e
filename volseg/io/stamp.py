"""What tells a file from what it was before."""

from __future__ import annotations

from pathlib import Path


def stamp_of(path: Path) -> tuple[str, int, int]:
    """Absolute path, size and time of the last change of a file, in nanoseconds.

    Raises:
        OSError: if it cannot be looked at.
    """
    facts = path.stat()
    return str(path.absolute()), facts.st_size, facts.st_mtime_ns
