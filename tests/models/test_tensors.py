"""Model files: what goes in comes out, what is foreign is refused, and nothing is half written."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch import nn

from volseg.errors import InputError
from volseg.models import tensors as checkpoint
from volseg.models.tensors import (
    LAST,
    MODEL,
    find_model,
    load_tensors,
    optimizer_tensors,
    restore_optimizer,
    save_tensors,
)

DTYPES = (torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.bool)
HEADER = {"spec": {"name": "Bäume", "size": 0.1, "ids": [1, 2]}, "best": float("-inf")}


def tensors() -> dict[str, torch.Tensor]:
    base = torch.arange(24).reshape(2, 3, 4)
    plain = {f"as.{dtype}": base.to(dtype) for dtype in DTYPES}
    return plain | {"scalar": torch.tensor(0.1), "turned": base.permute(2, 0, 1), "none": base[:0]}


def test_tensors_and_header_come_back(tmp_path: Path) -> None:
    save_tensors(tmp_path / "a.safetensors", tensors(), HEADER)
    found, header = load_tensors(tmp_path / "a.safetensors")
    assert header == HEADER
    assert found.keys() == tensors().keys()
    for name, value in tensors().items():
        assert found[name].dtype == value.dtype
        assert torch.equal(found[name], value)


def test_shared_memory_is_written_once_a_name(tmp_path: Path) -> None:
    one = torch.randn(3)
    save_tensors(tmp_path / "a.safetensors", {"one": one, "same": one, "part": one[1:]}, {})
    found, _ = load_tensors(tmp_path / "a.safetensors")
    assert torch.equal(found["same"], one)
    assert torch.equal(found["part"], one[1:])


@given(st.floats(0, 0.999))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_file_cut_short_is_refused(tmp_path: Path, share: float) -> None:
    path = tmp_path / "cut.safetensors"
    save_tensors(path, tensors(), HEADER)
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    with pytest.raises(InputError, match=r"cut\.safetensors: not a readable") as error:
        load_tensors(path)
    assert "\n" not in str(error.value)


class Boom:
    """Unpickling one fails the test."""

    def __reduce__(self) -> tuple[Any, ...]:
        return pytest.fail, ("a pickle was read",)


@pytest.mark.parametrize("kind", ["pickle", "text", "foreign", "no json", "no mapping", "missing"])
def test_another_file_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "model.safetensors"
    one = {"a": torch.zeros(1)}
    if kind == "pickle":
        path.write_bytes(pickle.dumps(Boom()))
    elif kind == "text":
        path.write_text("labels: {}\n" * 20)
    elif kind == "foreign":
        save_file(one, path, {"format": "pt"})
    elif kind == "no json":
        save_file(one, path, {"volseg": "{"})
    elif kind == "no mapping":
        save_file(one, path, {"volseg": "[1]"})
    with pytest.raises(InputError, match=r"model\.safetensors: ") as error:
        load_tensors(path)
    assert "\n" not in str(error.value)


def test_a_file_of_ours_holds_json_and_no_pickle(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_tensors(path, tensors(), HEADER)
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    described = json.loads(data[8 : 8 + length])
    assert json.loads(described["__metadata__"]["volseg"]) == HEADER
    with pytest.raises(pickle.UnpicklingError):
        pickle.loads(data)


@pytest.mark.parametrize("blow", [KeyboardInterrupt, MemoryError])
def test_an_interrupted_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, blow: type[BaseException]
) -> None:
    path = tmp_path / "a.safetensors"
    save_tensors(path, {"a": torch.zeros(2)}, {"run": 1})
    before = path.read_bytes()

    def broken(*_: object) -> bytes:
        raise blow

    monkeypatch.setattr(checkpoint, "save", broken)
    with pytest.raises(blow):
        save_tensors(path, {"a": torch.ones(2)}, {"run": 2})
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


class TestFindModel:
    def test_prefers_the_best(self, tmp_path: Path) -> None:
        for name in (LAST, MODEL):
            (tmp_path / name).touch()
            assert find_model(tmp_path).name == name
        assert find_model(tmp_path / LAST) == tmp_path / LAST

    def test_refuses_a_folder_without_one(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match=f"holds no {MODEL}"):
            find_model(tmp_path)

    def test_refuses_what_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="no such"):
            find_model(tmp_path / "nowhere")


@pytest.mark.parametrize("kind", [torch.optim.AdamW, torch.optim.SGD])
def test_a_restored_optimizer_goes_on_as_if_never_stopped(tmp_path: Path, kind: Any) -> None:
    options = {"lr": 0.1, **({"momentum": 0.9} if kind is torch.optim.SGD else {})}

    def steps(net: nn.Linear, optimizer: torch.optim.Optimizer, first: int, last: int) -> None:
        for number in range(first, last):
            inputs = torch.randn(5, 4, generator=torch.Generator().manual_seed(number))
            optimizer.zero_grad()
            net(inputs).square().sum().backward()
            optimizer.step()

    torch.manual_seed(0)
    whole = nn.Linear(4, 3)
    again = nn.Linear(4, 3)
    again.load_state_dict(whole.state_dict())
    steps(whole, kind(whole.parameters(), **options), 0, 6)

    broken = kind(again.parameters(), **options)
    steps(again, broken, 0, 3)
    save_tensors(tmp_path / "o.safetensors", optimizer_tensors(broken), {})
    fresh = kind(again.parameters(), **options)
    restore_optimizer(fresh, load_tensors(tmp_path / "o.safetensors")[0])
    steps(again, fresh, 3, 6)
    assert torch.equal(again.weight, whole.weight)
