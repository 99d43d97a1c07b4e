"""The errors volseg raises: what was found, what was wanted, and what to do about it.

What is odd about a file but stops nobody is an `InputWarning`, given to `warnings.warn`. The
command says each thing once when it ends, with the names of the files; Python's users filter it as
any warning.
"""

from __future__ import annotations

from pathlib import Path


class VolsegError(Exception):
    """Base of every error volseg raises on purpose."""


class InputError(VolsegError):
    """What the user gave cannot be used: a file, a value, a combination of both."""

    def __init__(self, message: str, *, path: Path | str | None = None) -> None:
        self.path = None if path is None else Path(path)
        self.message = message
        super().__init__(message if path is None else f"{path}: {message}")

    def at(self, path: Path | str) -> InputError:
        """The same error, naming the file it came from (an earlier name is kept)."""
        return self if self.path is not None else type(self)(self.message, path=path)


class InputWarning(UserWarning):
    """What is odd about a file that is used all the same, and what was made of it.

    Given to `warnings.warn`; the command prints it once a file.
    """

    def __init__(self, message: str, *, path: Path | str | None = None) -> None:
        self.path = None if path is None else Path(path)
        self.message = message
        super().__init__(message if path is None else f"{path}: {message}")


class ConfigError(InputError):
    """A config does not say what it should."""


class DisplayError(VolsegError):
    """This machine cannot draw; everything but viewing still works."""


class LostProcessError(VolsegError):
    """Of the processes that train together one is gone, and has not said why."""


class AnotherFailedError(VolsegError):
    """Of the processes that train together another failed before this one, and says why."""
