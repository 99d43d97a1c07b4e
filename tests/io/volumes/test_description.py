"""A dataset's description is a JSON object, and what is none is one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from volseg.errors import InputError
from volseg.io.volumes.description import read_description


def test_an_object_is_read_with_or_without_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "dataset.json"
    for text in ('{"labels": {"a": 1}}', '\ufeff{"labels": {"a": 1}}'):
        path.write_text(text, encoding="utf-8")
        assert read_description(path) == {"labels": {"a": 1}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "dataset.json: is no JSON: "),
        ("[" * 100_000, "dataset.json: is no JSON: "),
        ("[1]", "dataset.json: is no JSON object; wanted a dataset's description"),
        (None, "dataset.json: "),
    ],
)
def test_what_is_none_is_one_line(tmp_path: Path, text: str | None, said: str) -> None:
    path = tmp_path / "dataset.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(InputError) as raised:
        read_description(path)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)
