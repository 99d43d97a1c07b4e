"""A header comes back as it was written, without torch; what has none is refused in one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from volseg.errors import InputError
from volseg.models.header import HEADER, open_tensors, read_header

SAID: dict[str, Any] = {"spec": {"labels": ["Straße", 1.5, None]}, "provenance": {}}


def written(path: Path, metadata: dict[str, str] | None) -> Path:
    save_file({"a": np.arange(3.0)}, path, metadata)
    return path


def test_comes_back(tmp_path: Path) -> None:
    path = written(tmp_path / "m.safetensors", {HEADER: json.dumps(SAID)})
    assert read_header(path) == SAID
    with open_tensors(path, "numpy") as (file, header):
        assert header == SAID
        assert file.get_tensor("a").tolist() == [0, 1, 2]


@pytest.mark.parametrize("metadata", [None, {"format": "pt"}, {HEADER: "{"}, {HEADER: "3"}])
def test_of_another_program_is_refused(tmp_path: Path, metadata: dict[str, str] | None) -> None:
    path = written(tmp_path / "m.safetensors", metadata)
    with pytest.raises(InputError, match=r"m\.safetensors: .*wanted a file 'volseg train' wrote"):
        read_header(path)


def test_cut_short_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "m.safetensors", {HEADER: json.dumps(SAID)})
    whole = path.read_bytes()
    for size in (0, 4, 30, len(whole) - 1):
        path.write_bytes(whole[:size])
        with pytest.raises(InputError, match=r"m\.safetensors: not a readable safetensors file"):
            read_header(path)


def test_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such model file"):
        read_header(tmp_path / "none.safetensors")
