"""Errors that name the file they came from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from volseg.errors import InputError


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Let every error of reading ``path`` be an `InputError` that names it."""
    try:
        yield
    except InputError as error:
        raise error.at(path) from None
    except FileNotFoundError:
        raise InputError("does not exist", path=path) from None
    except IsADirectoryError:
        raise InputError("is a folder; name a scan file in it", path=path) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", path=path) from None
    except MemoryError:
        raise InputError(
            "does not fit in this machine's memory; cut it into parts", path=path
        ) from None


@contextmanager
def parsing() -> Iterator[None]:
    """Let whatever a damaged file makes of a library's parser be an `InputError`."""
    try:
        yield
    except (InputError, MemoryError):
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"is damaged or cut short ({reason}); copy it again") from None
