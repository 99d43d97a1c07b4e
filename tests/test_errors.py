"""Errors and warnings: one line that begins with the file, kept on the way between processes."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volseg.errors import ConfigError, InputError, InputWarning, VolsegError

messages, paths = st.text(), st.none() | st.just("scans/a.laz") | st.just(Path("b.yaml"))
kinds = st.sampled_from([InputError, ConfigError, InputWarning])


@given(kinds, messages, paths)
def test_the_line_begins_with_the_file(
    kind: type[InputError | InputWarning], message: str, path: Path | str | None
) -> None:
    error = kind(message, path=path)
    assert str(error) == (message if path is None else f"{path}: {message}")
    assert error.message == message
    assert error.path == (None if path is None else Path(path))


@given(kinds, messages, paths)
def test_workers_send_them_unchanged(
    kind: type[InputError | InputWarning], message: str, path: Path | str | None
) -> None:
    error = kind(message, path=path)
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is kind
    assert (str(back), back.message, back.path) == (str(error), message, error.path)


@pytest.mark.parametrize("kind", [InputError, ConfigError])
def test_the_first_file_named_stays(kind: type[InputError]) -> None:
    named = kind("is cut off").at("a.laz")
    assert type(named) is kind
    assert str(named) == "a.laz: is cut off"
    assert str(named.at("b.laz")) == str(named)
    assert str(kind("is cut off", path="a.laz").at("b.laz")) == str(named)


def test_naming_a_file_leaves_the_first_error_as_it_is() -> None:
    error = InputError("is cut off")
    error.at("a.laz")
    assert error.path is None
    assert str(error) == "is cut off"


def test_one_except_catches_all_but_warnings_pass() -> None:
    assert issubclass(ConfigError, InputError)
    assert issubclass(InputError, VolsegError)
    assert not issubclass(InputWarning, VolsegError)
