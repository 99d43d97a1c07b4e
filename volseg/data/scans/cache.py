"""Scans prepared once for training, of any size and number: read in pieces, kept on disk."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from volseg.data.scans.columns import Columns, Counter
from volseg.data.scans.context import ContextBuilder, ScanContext
from volseg.data.scans.features import HEIGHT, OF_VOXELS, Feature, FeatureName, attributes_of
from volseg.data.scans.range import Range
from volseg.data.scans.samples import Scan, prepare
from volseg.data.scans.store import CachedScan, fields, write_scan
from volseg.errors import InputError
from volseg.geometry.assumed import require_metres
from volseg.geometry.labels import LabelMap
from volseg.geometry.points import PointCloud
from volseg.geometry.voxelgrid import require_extent
from volseg.io.atomic import disk_errors, make_folder
from volseg.io.scans.files import files_of
from volseg.io.scans.formats import scan_stem
from volseg.io.scans.labels import true_labels
from volseg.io.scans.pieces import Pieces
from volseg.io.stamp import stamp_of
from volseg.progress import SILENT, Progress

LAYOUT = 3
"""Raised when scans are kept or prepared differently, so that those kept before are not taken."""

FACTS = "facts.json"
PART = ".part"


@dataclass(frozen=True)
class ScanSource:
    """A labelled scan, and how it is prepared.

    Attributes:
        path: its file.
        name: what it is called.
        labels: raw ids to training ids.
        label_field: the field of the labels; None for the usual one.
        features: the network's.
        edge: of the columns it is sorted by, in metres.
        crs: as in `volseg.io.read`.
        columns: as in `volseg.io.read`.
        noise: whether points that the file withholds or calls noise count.
    """

    path: Path
    name: str
    labels: LabelMap
    label_field: str | None
    features: tuple[Feature, ...]
    edge: float
    crs: str | None = None
    columns: tuple[str, ...] | None = None
    noise: bool = False

    @property
    def kept(self) -> tuple[FeatureName, ...]:
        """Names of the features its points have."""
        return tuple(one.name for one in self.features if one.name not in OF_VOXELS)

    @property
    def entry(self) -> str:
        """The folder of its entry: one for each file and way to prepare it."""
        ids = [one.ids for one in self.labels.classes], self.labels.ignore, self.labels.rest
        kept = [str(one) for one in self.features if one.name not in OF_VOXELS]
        ways = self.label_field, kept, self.edge, self.crs, self.columns, self.noise
        what = LAYOUT, str(self.path.absolute()), ids, *ways
        key = hashlib.sha256(json.dumps(what).encode()).hexdigest()[:16]
        return f"{scan_stem(self.path)}-{key}"

    def stamps(self) -> list[list[Any]]:
        """What tells its files from what they were before."""
        return [[*stamp_of(path)] for path in files_of(self.path)]


def build_cache(
    sources: Sequence[ScanSource], folder: Path, progress: Progress = SILENT
) -> list[CachedScan]:
    """Prepare every scan that the folder does not have yet.

    Args:
        sources: labelled scans.
        folder: where the entries are; made where missing.
        progress: told how many bytes of files are prepared.

    Returns:
        The entries, in the order of the scans.

    Raises:
        InputError: naming every scan that cannot be used, once all others are prepared, which
            stay; or the folder if the scans do not fit in it.
    """
    make_folder(folder)
    _sweep(folder)
    failed: list[InputError] = []
    found = {one: _open(one, folder) for one in sources}
    missing = [one for one, entry in found.items() if entry is None]
    _check_room(folder, sum(_expected_bytes(one) for one in missing))
    sizes = [max(1, one.path.stat().st_size) for one in missing]
    ends = list(accumulate(sizes))
    for source, size, end in zip(missing, sizes, ends, strict=True):
        tell = partial(_tell, progress, end - size, size, ends[-1])
        try:
            found[source] = cached(source, folder, tell)
        except InputError as error:
            if error.path == folder:  # which takes no other scan either
                raise
            failed.append(error)
    if failed:
        raise _all_of(failed, len(sources))
    return [entry for entry in found.values() if entry is not None]


def _all_of(failed: Sequence[InputError], total: int) -> InputError:
    """One error that names every scan that cannot be used."""
    if len(failed) == 1:
        return failed[0]
    each = "; ".join(map(str, failed))
    return InputError(
        f"{len(failed)} of {total} scans cannot be used; mend them, or leave them out: {each}"
    )


def cached(
    source: ScanSource, folder: Path, progress: Callable[[float], None] = lambda share: None
) -> CachedScan:
    """The entry of a scan, prepared now unless the folder has it for these very files.

    The scan is read twice: once for how many points lie where and what features need to know of
    all of it, once to put every point in its place. An entry appears when it is whole.

    Raises:
        InputError: as `build_cache`.
    """
    entry = _open(source, folder)
    if entry is not None:
        return entry
    target, part = folder / source.entry, folder / f".{source.entry}.{os.getpid()}{PART}"
    stamps = source.stamps()
    try:
        scan = Pieces(
            source.path, source.label_field, source.crs, source.columns, noise=source.noise
        )
        columns, context, single = _survey(source, _watched(scan, 0.0, progress))
        _check_room(folder, len(columns) * _row_bytes(source, single) + columns.upto.nbytes)
        with disk_errors(folder):
            part.mkdir()
            clouds = _watched(scan, 0.5, progress)
            ready = _prepared(source, clouds, context)
            write_scan(part, columns, ready, source.kept, single=single)
            sizes = {file.name: file.stat().st_size for file in part.iterdir()}
            facts = {"stamps": stamps, "axis": columns.axis, "sizes": sizes}
            facts["range"] = asdict(context.range)
            (part / FACTS).write_text(json.dumps(facts), encoding="utf-8")
            _put(part, target)
    except InputError as error:
        raise error.at(source.path) from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return CachedScan(
        source.name, target, source.edge, columns.axis, source.kept, range=context.range
    )


def _tell(progress: Progress, before: int, size: int, total: int, share: float) -> None:
    """So much of a scan, after others, is prepared."""
    progress.work("preparing scans", before + share * size, total)


def cached_bytes(scans: Sequence[CachedScan]) -> int:
    """What entries take on disk."""
    folders = {one.folder for one in scans}
    return sum(file.stat().st_size for folder in folders for file in folder.iterdir())


def _survey(source: ScanSource, clouds: Iterator[PointCloud]) -> tuple[Columns, ScanContext, bool]:
    """What is found out about a scan before its points are written.

    Returns:
        How they are to be sorted, what features of a part need to know, and whether single
        precision holds every coordinate, as it does where the file has no more.
    """
    builder = ContextBuilder(ground=HEIGHT in source.features)
    counter = Counter(source.edge, len(source.labels))
    lower, upper, single = np.full(3, np.inf), np.full(3, -np.inf), True
    for cloud in clouds:
        labels = true_labels(cloud)
        if labels is None:
            raise InputError(
                "the scan has no label field; name it with --set data.label_field=NAME "
                f"(fields: {', '.join(cloud.attributes) or 'none besides x, y, z'})"
            )
        metres = cloud.metres()
        if len(cloud):
            lower, upper = np.minimum(lower, metres.min(0)), np.maximum(upper, metres.max(0))
        single = single and bool((metres.astype(np.float32) == metres).all())
        builder.add(metres, attributes_of(cloud, source.features))
        counter.add(metres, source.labels.encode(labels))
    if not (lower < upper).any():
        require_extent(cloud)
    require_metres(cloud, lower, upper)
    return counter.columns(), builder.context(), single


def _prepared(
    source: ScanSource, clouds: Iterator[PointCloud], context: ScanContext
) -> Iterator[Scan]:
    for cloud in clouds:
        yield prepare(cloud, source.features, source.labels, source.name, context)


def _watched(scan: Pieces, begun: float, progress: Callable[[float], None]) -> Iterator[PointCloud]:
    """The pieces of a scan, telling how much of one of two readings is done."""
    done = 0
    for cloud in scan:
        yield cloud
        done += len(cloud)
        progress(begun + 0.5 * done / max(1, done, scan.count or 0))


def _open(source: ScanSource, folder: Path) -> CachedScan | None:
    """The entry of a scan, or None where there is no whole one of its files as they are."""
    entry = folder / source.entry
    try:
        facts = json.loads((entry / FACTS).read_text(encoding="utf-8"))
        complete = all(
            (entry / name).stat().st_size == size for name, size in facts["sizes"].items()
        )
    except (OSError, ValueError):
        return None
    if not complete or facts["stamps"] != source.stamps():
        return None
    measured = Range.of(facts["range"])
    return CachedScan(source.name, entry, source.edge, facts["axis"], source.kept, range=measured)


def _put(part: Path, target: Path) -> None:
    """Let a finished entry appear, unless another run made the same meanwhile."""
    shutil.rmtree(target, ignore_errors=True)
    try:
        part.rename(target)
    except OSError:
        if not (target / FACTS).exists():
            raise


def _sweep(folder: Path) -> None:
    """Remove what runs left that were killed."""
    for left in folder.glob(f".*{PART}"):
        owner = left.name.split(".")[-2]
        if owner == str(os.getpid()) or not (owner.isdecimal() and psutil.pid_exists(int(owner))):
            shutil.rmtree(left, ignore_errors=True)


def _row_bytes(source: ScanSource, single: bool = False) -> int:
    """What a point takes on disk."""
    return sum(kind.itemsize for kind in fields(source.kept, single=single).values())


def _expected_bytes(source: ScanSource) -> int:
    """What an entry will take, as far as the header of its file tells."""
    try:
        return (Pieces(source.path).count or 0) * _row_bytes(source)
    except InputError:  # said when it is its turn
        return 0


def _check_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise InputError(
            f"training on the scans takes {needed / 1e6:,.0f} MB here, and {free / 1e6:,.0f} MB "
            "are free; free some space, or name an --out on another disk",
            path=folder,
        )
