"""Model files: everything prediction needs, in one safetensors file."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from statistics import mean
from typing import Any

import torch
from torch import Tensor, nn

from volseg._version import __version__
from volseg.config import AnyModelSpec, ModelSpec, VolumeModelSpec, validate_model_spec
from volseg.data.objects import ObjectHead
from volseg.data.scans.range import Range
from volseg.errors import InputError
from volseg.io.naming import naming
from volseg.models import bundled_names, find_bundled
from volseg.models.device import pick_device
from volseg.models.header import read_header
from volseg.models.nets import build_net
from volseg.models.tensors import LAST, MODEL, find_model, load_tensors, save_tensors
from volseg.predict.ensemble import Precision
from volseg.predict.scans.model import ScanModel
from volseg.predict.volumes.model import VolumeModel


def save_model(
    path: Path, spec: ModelSpec, weights: Mapping[str, Tensor], provenance: Mapping[str, Any]
) -> None:
    """Write a model: its weights, its spec, and where it comes from."""
    header = {"spec": spec.model_dump(mode="json"), "provenance": dict(provenance)}
    save_tensors(path, weights, header)


def model_files(path: Path, wanted: Collection[int] | None = None) -> list[Path]:
    """The models of a run: the file itself, that of the folder, or one of each fold in it.

    Where there is none of these, and the path is the name of a bundled model, that one. Of folds,
    those whose numbers are wanted.

    Raises:
        InputError: if there is none.
    """
    if wanted is not None:
        return _chosen_folds(path, wanted)
    if path.is_file() or holds_model(path):
        return [find_model(path)]
    folds = [find_model(fold) for fold in _folds(path).values()]
    if folds:
        return folds
    bundled = find_bundled(path)
    if bundled is not None:
        return [bundled]
    if not path.exists():
        known = ", ".join(bundled_names())
        missing = "no such run folder or model file"
        raise InputError(f"{missing}; bundled models are {known}" if known else missing, path=path)
    return [find_model(path)]


def _folds(path: Path) -> dict[str, Path]:
    """The folders of the folds of a run that hold a model, by name."""
    return {fold.name: fold for fold in sorted(path.glob("fold_*")) if holds_model(fold)}


def _chosen_folds(path: Path, wanted: Collection[int]) -> list[Path]:
    found = _folds(path)
    missing = [number for number in wanted if f"fold_{number}" not in found]
    if missing or not wanted:
        held = ", ".join(found) or "no folds"
        named = f"fold_{missing[0]}" if missing else "nothing"
        raise InputError(f"holds {held}; wanted {named}: name folds that it has", path=path)
    return [find_model(found[f"fold_{number}"]) for number in dict.fromkeys(wanted)]


def load_model_spec(path: Path) -> AnyModelSpec:
    """The spec of the model that `model_files` finds, without its weights."""
    file = model_files(path)[0]
    return _spec(read_header(file), file)


def load_model(
    path: Path | str,
    device: str = "auto",
    *,
    precision: Precision = "float32",
    net: nn.Module | None = None,
    folds: Collection[int] | None = None,
) -> ScanModel | VolumeModel:
    """A model, ready to segment on ``cpu``, ``cuda`` or ``auto``.

    ``path`` is a run folder, a model file, or the name of a bundled model. Of a run on volumes
    that has several folds, every fold's network takes part, or those that ``folds`` numbers; they
    compute in ``precision``. A model of a network of your own takes that as ``net``, whose weights
    stay as they are. Called, a model gives back what went in: a cloud with labels, a volume, image
    or array of raw ids.

    Raises:
        InputError: if there is no model, its weights do not fit its network, folds differ or are
            not there, or ``net`` is missing or not wanted.

    Example:
        >>> model = vs.load("runs/boxes")
        >>> model.labels.names
        ('ground', 'building')
        >>> model(vs.read("tile.laz")).labels.shape
        (4000,)
        >>> vs.load("runs/balls")(vs.read("t1.nii.gz")).array.shape
        (1, 16, 20, 12)
    """
    place = pick_device(device)
    files = model_files(Path(path), folds)
    specs, nets = zip(*(load_net(file, net) for file in files), strict=True)
    spec = specs[0]
    _check_same(specs, files)
    if isinstance(spec, VolumeModelSpec):
        model = volume_model(_agreed(specs), nets, place)
        return replace(model, precision=precision, made_by=_signature(files))
    learnt = Range.of(read_header(files[0]).get("provenance", {}).get("range"), files[0])
    return ScanModel(
        nets[0].to(place).eval(),
        spec.labels.label_map(),
        spec.voxels.size,
        spec.voxels.features,
        place,
        _signature(files),
        learnt,
        spec.temperature,
    )


def find_maker(signature: str) -> Path | None:
    """The model whose signature files bear: in this folder or in ``runs``, or a bundled one.

    None where there is none of its name and content.
    """
    match = re.fullmatch(r"volseg \S+, model ([^/\\]+), sha256 ([0-9a-f]+)", signature)
    if match is None:
        return None
    name, digest = match.groups()
    for place in (Path(name), Path("runs", name), find_bundled(name)):
        with suppress(InputError):
            if place is not None and _digest(model_files(place)) == digest:
                return place
    return None


def _digest(files: Sequence[Path]) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def _signature(files: Sequence[Path]) -> str:
    """What files say gave their labels: the version of volseg, the model's name, its content."""
    file = files[0].absolute()
    folder = file.parent.parent if file.parent.name.startswith("fold_") else file.parent
    name = folder.name if file.name in (MODEL, LAST) else file.stem
    name = " ".join(name.split())
    return f"volseg {__version__}, model {name}, sha256 {_digest(files)}"


def load_scan_model(
    path: Path | str, device: str = "auto", *, net: nn.Module | None = None
) -> ScanModel:
    """As `load_model`, for scans.

    Raises:
        InputError: as `load_model`, or if the model segments volumes.
    """
    model = load_model(path, device, net=net)
    if not isinstance(model, ScanModel):
        raise InputError("segments volumes; wanted a model of scans", path=path)
    return model


def load_volume_model(
    path: Path | str, device: str = "auto", *, net: nn.Module | None = None
) -> VolumeModel:
    """As `load_model`, for volumes.

    Raises:
        InputError: as `load_model`, or if the model segments scans.
    """
    model = load_model(path, device, net=net)
    if not isinstance(model, VolumeModel):
        raise InputError("segments scans; wanted a model of volumes", path=path)
    return model


def volume_model(
    spec: VolumeModelSpec, nets: Sequence[nn.Module], device: torch.device
) -> VolumeModel:
    """Networks, one a fold, with what their spec says about images and labels."""
    labels = spec.labels.label_map()
    return VolumeModel(
        nets=tuple(net.to(device).eval() for net in nets),
        labels=labels,
        spacing=spec.images.spacing,
        channels=spec.images.normalization(),
        patch=spec.images.patch,
        device=device,
        mirror=spec.images.mirror,
        largest=spec.largest,
        skip_flat=bool(spec.images.skip_flat),
        head=ObjectHead.of(labels, spec.nd),
        temperature=spec.temperature,
    )


def holds_model(folder: Path) -> bool:
    """Whether a folder has a model of its own, not of folds in it."""
    return any((folder / name).is_file() for name in (MODEL, LAST))


def load_net(file: Path, net: nn.Module | None = None) -> tuple[AnyModelSpec, nn.Module]:
    """The spec and the network of one model file; ``net`` as `load_model` has it.

    Raises:
        InputError: if it is none, or its weights do not fit its network.
    """
    weights, header = load_tensors(file)
    spec = _spec(header, file)
    with naming(file):
        made = build_net(spec, net)
    try:
        made.load_state_dict(weights)
    except RuntimeError as error:
        first = " ".join(str(error).split())[:200]
        raise InputError(
            f"the weights do not fit the network described: {first}", path=file
        ) from None
    return spec, made


def _agreed(specs: Sequence[VolumeModelSpec]) -> VolumeModelSpec:
    """What the folds of a run found out each on its own, where they all agree."""
    largest = set(specs[0].largest).intersection(*(spec.largest for spec in specs))
    flat = {"skip_flat": all(spec.images.skip_flat for spec in specs)}
    update = {
        "largest": tuple(sorted(largest)),
        "images": specs[0].images.model_copy(update=flat),
        "temperature": mean(spec.temperature for spec in specs),
    }
    return specs[0].model_copy(update=update)


def _check_same(specs: Sequence[ModelSpec], files: Sequence[Path]) -> None:
    """Folds of one run differ in their weights alone, and in what each found out."""
    own: dict[str, Any] = {"largest": True, "temperature": True, "images": {"skip_flat"}}
    plain = [spec.model_dump(exclude=own) for spec in specs]
    for spec, file in zip(plain, files, strict=True):
        differ = [key for key in plain[0] if spec.get(key) != plain[0][key]]
        if differ:
            raise InputError(
                f"its {', '.join(differ)} differ from those of {files[0]}; predict with folds of "
                "one run, or name one model",
                path=file,
            )


def _spec(header: Mapping[str, Any], file: Path) -> AnyModelSpec:
    if "spec" not in header:
        raise InputError(f"describes no model; wanted {MODEL} or {LAST} of a run", path=file)
    return validate_model_spec(header["spec"], file)
