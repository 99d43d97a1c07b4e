"""A device is what was asked for, or one line says why it cannot be."""

from __future__ import annotations

import pytest
import torch

from volseg.errors import InputError
from volseg.models.device import pick_device


@pytest.mark.parametrize(
    ("seen", "asked", "given"),
    [
        (False, "auto", "cpu"), (False, "cpu", "cpu"),
        (True, "auto", "cuda"), (True, "cpu", "cpu"), (True, "cuda", "cuda"),
    ],
)  # fmt: skip
def test_auto_takes_a_gpu_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch, seen: bool, asked: str, given: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: seen)
    assert pick_device(asked).type == given


def test_a_gpu_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(InputError, match="no CUDA GPU here; use --device cpu"):
        pick_device("cuda")


@pytest.mark.parametrize("name", ["gpu", "", "cuda:1"])
def test_an_unknown_name_lists_those_there_are(name: str) -> None:
    with pytest.raises(InputError, match=f"{name!r} is unknown; wanted cpu, cuda or auto"):
        pick_device(name)
