"""Trained models: loaded, and used on files and on what is in memory."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, overload

from volseg.errors import InputError, InputWarning
from volseg.geometry import PointCloud, Volume
from volseg.io import is_scan, is_volume, label_suffix, output_name, volume_stem
from volseg.io.atomic import check_target, make_folder
from volseg.io.scans.crs import chosen
from volseg.io.volumes.files import check_label_format
from volseg.models.load import load_model as load
from volseg.predict.objects.components import require_things
from volseg.predict.scans.job import ScanJob, ScanOptions
from volseg.predict.scans.model import ScanModel
from volseg.predict.scans.run import segment_scans
from volseg.predict.volumes.model import VolumeModel
from volseg.predict.volumes.object_files import ObjectFiles
from volseg.predict.volumes.run import VolumeJob, segment_volumes
from volseg.progress import SILENT, Progress

if TYPE_CHECKING:
    import numpy as np
    from nibabel.spatialimages import SpatialImage
    from numpy.typing import NDArray
    from torch import nn

__all__ = ["load", "segment"]

Model = ScanModel | VolumeModel | Path | str
"""A model, or where it lies: a run folder, a model file, the name of a bundled model."""
InMemory = TypeVar("InMemory", PointCloud, Volume, "SpatialImage", "NDArray[Any]")
"""What is segmented without a file, and what comes out."""


@overload
def segment(
    source: Path | str | Sequence[Path | str],
    target: Path | str,
    *,
    model: Model,
    net: nn.Module | None = None,
    tta: bool = False,
    confidence: bool = False,
    objects: bool = False,
    crs: str | None = None,
    columns: Sequence[str] | None = None,
    overwrite: bool = False,
    device: str = "auto",
    progress: Progress = SILENT,
) -> list[Path]: ...


@overload
def segment(
    source: InMemory,
    *,
    model: Model,
    spacing: Sequence[float] | None = None,
    affine: NDArray[np.floating[Any]] | Sequence[Sequence[float]] | None = None,
    net: nn.Module | None = None,
    tta: bool = False,
    objects: bool = False,
    device: str = "auto",
) -> InMemory: ...


def segment(
    source: Any,
    target: Path | str | None = None,
    *,
    model: Model,
    spacing: Sequence[float] | None = None,
    affine: Any = None,
    net: nn.Module | None = None,
    tta: bool = False,
    confidence: bool = False,
    objects: bool = False,
    crs: str | None = None,
    columns: Sequence[str] | None = None,
    overwrite: bool = False,
    device: str = "auto",
    progress: Progress = SILENT,
) -> Any:
    """Give every point of a scan, or every voxel of a volume, a class; what goes in comes out.

    A file gives a file of its format, with all else of it untouched, in memory for one tile of a
    scan of any size. `volseg predict` does many files, and has adjoining scans see each other.

    Args:
        source: a file, with a target; of a volume with its channels in several files, these. Or,
            without a target, a `PointCloud`, a `Volume`, an image of nibabel's, or an array:
            (H, W), (X, Y, Z) or (C, X, Y, Z).
        target: where the labelled copy, or the label map, goes: a file, or a folder that exists.
        model: a loaded model, a run folder, a model file, or the name of a bundled model.
        spacing: arrays: millimetres along each axis, which are taken as right, anterior, superior.
        affine: arrays: (4, 4), from voxels to millimetres, in place of ``spacing``.
        net: the network of your own that the model was trained with, see `train`.
        tta: average over turned or mirrored views.
        confidence: files of scans: add the probability of the class.
        objects: tell the objects of things apart: a cloud has instances, an array, volume or image
            in memory holds their ids in place of classes, files have a table beside them.
        crs: files of scans: their coordinate system, such as ``EPSG:25832``.
        columns: files of scans in text: what their columns are, in order.
        overwrite: replace an existing target.
        device: where a model that is not loaded yet runs: ``cpu``, ``cuda`` or ``auto``.
        progress: files: told how far it is.

    Returns:
        The files written; without a target what ``source`` is: the cloud with labels int64 (N,)
        and confidence float32 (N,), or a volume, image or array of raw ids.

    Raises:
        InputError: if the source cannot be used, is of another kind than the model's, or the
            target exists.

    Example:
        >>> [path.name for path in vs.segment("tile.laz", "labelled.laz", model="runs/boxes")]
        ['labelled.laz']
        >>> cloud = vs.segment(vs.read("tile.laz"), model="runs/boxes")
        >>> cloud.labels.shape, cloud.confidence.dtype
        ((4000,), dtype('float32'))
        >>> array = np.zeros((16, 20, 12))
        >>> vs.segment(array, model="runs/balls", spacing=(1, 1, 1.5)).shape
        (16, 20, 12)
    """
    if not isinstance(model, ScanModel | VolumeModel):
        model = load(model, device, net=net)
    elif net is not None:
        raise InputError("net goes with a model that is to be loaded; this one has its network")
    files = _files(source)
    if not files:
        if target is not None or confidence or crs is not None or columns is not None:
            raise InputError("target, confidence, crs and columns go with a file as the source")
        return _segment_in_memory(source, model, spacing, affine, tta=tta, objects=objects)
    if target is None:
        raise InputError("wanted a target; to segment in memory, read it first", path=files[0])
    if spacing is not None or affine is not None:
        raise InputError("spacing and affine go with an array; a file has its own", path=files[0])
    if isinstance(model, VolumeModel):
        if confidence or crs is not None or columns is not None:
            raise InputError("confidence, crs and columns go with models of scans", path=files[0])
        return _segment_volume(
            files, Path(target), model, progress, tta=tta, objects=objects, overwrite=overwrite
        )
    place = _place(Path(target), files[0], output_name(files[0]), is_file=is_scan)
    options = ScanOptions(
        tta=tta,
        confidence=confidence,
        objects=objects,
        crs=chosen(crs, None),
        columns=None if columns is None else tuple(columns),
        overwrite=overwrite,
    )
    (job,) = segment_scans(model, [ScanJob(files[0], place)], options, progress=progress)
    if job.error is not None:
        raise job.error
    return job.written


def _files(source: Any) -> tuple[Path, ...]:
    """The files that are named; none where the source is in memory."""
    if isinstance(source, Path | str):
        return (Path(source),)
    if isinstance(source, list | tuple) and all(isinstance(one, Path | str) for one in source):
        return tuple(map(Path, source))
    return ()


def _segment_in_memory(
    source: Any,
    model: ScanModel | VolumeModel,
    spacing: Sequence[float] | None,
    affine: Any,
    *,
    tta: bool,
    objects: bool,
) -> Any:
    if isinstance(model, VolumeModel) != isinstance(source, PointCloud):
        if isinstance(model, VolumeModel):
            return model(source, spacing, affine=affine, tta=tta, objects=objects)
        if spacing is not None or affine is not None:
            raise InputError("spacing and affine go with an array; a cloud has its own places")
        return model(source, tta=tta, objects=objects)
    kinds = ("volumes", "an image") if isinstance(model, VolumeModel) else ("scans", "a PointCloud")
    raise InputError("the model is of {}; wanted {}".format(*kinds) + f", not {type(source)}")


def _segment_volume(
    files: Sequence[Path],
    target: Path,
    model: VolumeModel,
    progress: Progress,
    *,
    tta: bool,
    objects: bool,
    overwrite: bool,
) -> list[Path]:
    if objects:
        require_things(model.labels)
    name = volume_stem(files[0]) + label_suffix(files[0])
    place = _place(target, files[0], name, is_file=is_volume)
    check_label_format(place)
    check_target(place, overwrite=overwrite)
    job = VolumeJob(tuple(files), place)
    if objects or model.labels.learns_objects:
        job.objects = ObjectFiles.of(place, model.labels)
        job.objects.check(overwrite=overwrite)
    (job,) = segment_volumes(model, [job], tta=tta, overwrite=overwrite, progress=progress)
    for note in job.notes:
        warnings.warn(InputWarning(note, path=files[0]), stacklevel=3)
    if job.error is not None:
        raise job.error
    beside = [] if job.objects is None else [job.objects.ids, job.objects.table]
    return list(dict.fromkeys([place, *beside]))


def _place(target: Path, source: Path, name: str, *, is_file: Any) -> Path:
    """Where an output goes: the target, or a file of that name in it; its folder is made."""
    place = target / name if target.is_dir() and not is_file(target) else target
    if place.exists() and source.exists() and place.samefile(source):
        raise InputError("would replace the input itself; name another file", path=place)
    make_folder(place.parent)
    return place
