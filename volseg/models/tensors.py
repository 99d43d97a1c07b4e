"""Model files and training state: safetensors only, no pickle is ever written or read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor

from volseg.errors import InputError
from volseg.io.atomic import replacing
from volseg.models.header import HEADER, open_tensors

MODEL = "best.safetensors"
LAST = "last.safetensors"
STATE = "state.safetensors"


def save_tensors(path: Path, tensors: Mapping[str, Tensor], header: Mapping[str, Any]) -> None:
    """Write tensors and a JSON header as one safetensors file, whole or not at all."""
    plain = {name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()}
    with replacing(path, overwrite=True) as file:
        file.write(save(plain, {HEADER: json.dumps(header)}))


def load_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read what `save_tensors` wrote: the tensors on the CPU, and the header.

    Raises:
        InputError: if the file is missing, cut short, or no file of volseg's.
    """
    with open_tensors(path, "pt") as (file, header):
        return {name: file.get_tensor(name) for name in file.keys()}, header  # noqa: SIM118


def find_model(path: Path) -> Path:
    """The model file of a run folder, or the file itself.

    Raises:
        InputError: if there is none.
    """
    if path.is_dir():
        for name in (MODEL, LAST):
            if (path / name).is_file():
                return path / name
        raise InputError(
            f"this folder holds no {MODEL}; wanted a folder of a training run", path=path
        )
    if not path.is_file():
        raise InputError("no such model file or run folder", path=path)
    return path


def optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """The optimizer's running averages, one tensor a parameter and name."""
    return {
        f"optimizer.{index}.{name}": torch.as_tensor(value)
        for index, entry in optimizer.state_dict()["state"].items()
        for name, value in entry.items()
    }


def restore_optimizer(optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Give an optimizer back what `optimizer_tensors` took from it."""
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        kind, _, rest = key.partition(".")
        if kind == "optimizer":
            index, _, name = rest.partition(".")
            state.setdefault(int(index), {})[name] = value
    whole = optimizer.state_dict()
    optimizer.load_state_dict({"state": state, "param_groups": whole["param_groups"]})
