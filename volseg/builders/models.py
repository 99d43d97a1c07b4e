"""Model files: everything prediction needs, in one safetensors file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from volseg.builders.nets import build_scan_net, pick_device
from volseg.config import ModelSpec, ScanModelSpec, validate_model_spec
from volseg.errors import InputError
from volseg.inference.scan import ScanModel
from volseg.train.checkpoint import LAST, MODEL, find_model, load_tensors, save_tensors


def save_model(
    path: Path, spec: ModelSpec, weights: Mapping[str, Tensor], provenance: Mapping[str, Any]
) -> None:
    """Write a model: its weights, its spec, and where it comes from."""
    header = {"spec": spec.model_dump(mode="json"), "provenance": dict(provenance)}
    save_tensors(path, weights, header)


def load_model_spec(path: Path) -> ModelSpec:
    """The spec of a run folder's or file's model, without its weights put to use."""
    file = find_model(path)
    _, header = load_tensors(file)
    return _spec(header, file)


def load_scan_model(path: Path | str, device: str = "auto") -> ScanModel:
    """A run folder's or file's model, ready to segment scans on ``cpu``, ``cuda`` or ``auto``.

    Raises:
        InputError: if there is no model, or its weights do not fit its spec.
    """
    place = pick_device(device)
    file = find_model(Path(path))
    weights, header = load_tensors(file)
    spec = _spec(header, file)
    if not isinstance(spec, ScanModelSpec):
        raise InputError("segments volumes; wanted a model of scans", path=file)
    labels = spec.labels.label_map()
    net = build_scan_net(spec)
    try:
        net.load_state_dict(weights)
    except RuntimeError as error:
        first = " ".join(str(error).split())[:200]
        raise InputError(
            f"the weights do not fit the network described: {first}", path=file
        ) from None
    return ScanModel(net.to(place).eval(), labels, spec.voxels.size, spec.voxels.features, place)


def _spec(header: Mapping[str, Any], file: Path) -> ModelSpec:
    if "spec" not in header:
        raise InputError(f"describes no model; wanted {MODEL} or {LAST} of a run", path=file)
    return validate_model_spec(header["spec"], file)
