"""Whatever reading a file raises becomes one line that names it; errors of ours stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from volseg.errors import ConfigError, InputError
from volseg.io.naming import naming, parsing

FILE = Path("a.laz")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (InputError("is cut off"), "a.laz: is cut off"),
        (InputError("is cut off", path="b.label"), "b.label: is cut off"),
        (FileNotFoundError(2, "No such file"), "a.laz: does not exist"),
        (IsADirectoryError(21, "Is a directory"), "a.laz: is a folder"),
        (PermissionError(13, "Permission denied"), "a.laz: cannot be read: Permission denied"),
        (MemoryError(), "a.laz: does not fit in this machine's memory"),
    ],
)
def test_errors_of_reading_name_the_file(error: BaseException, words: str) -> None:
    with pytest.raises(InputError) as caught, naming(FILE):
        raise error
    assert str(caught.value).startswith(words)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("a bug"), ZeroDivisionError()])
def test_what_is_no_fault_of_the_file_goes_through(error: BaseException) -> None:
    with pytest.raises(type(error)), naming(FILE):
        raise error


def test_kinds_of_input_errors_stay_what_they_are() -> None:
    with pytest.raises(ConfigError), naming(FILE):
        raise ConfigError("no key 'images'")


@pytest.mark.parametrize("error", [ValueError("bad\n  magic"), KeyError("x"), OSError("cut")])
def test_whatever_a_parser_raises_is_damage_in_one_line(error: Exception) -> None:
    with pytest.raises(InputError, match="is damaged or cut short") as caught, parsing():
        raise error
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "error", [InputError("is a film"), MemoryError(), OSError(13, "denied"), KeyboardInterrupt()]
)
def test_what_is_no_damage_goes_through_a_parser(error: BaseException) -> None:
    with pytest.raises(type(error)) as caught, parsing():
        raise error
    assert caught.value is error
