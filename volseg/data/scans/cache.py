"""Scans prepared once for training, of any size and number: read in pieces, kept on disk."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from functools import partial
from itertools import accumulate
from pathlib import Path

import numpy as np
import psutil

from volseg.data.scans.columns import Columns, Counter
from volseg.data.scans.context import ContextBuilder, ScanContext
from volseg.data.scans.features import HEIGHT, attributes_of
from volseg.data.scans.objects import ObjectCentres, ObjectCounter
from volseg.data.scans.range import Range
from volseg.data.scans.samples import Scan, prepare
from volseg.data.scans.source import ScanSource
from volseg.data.scans.store import CachedScan, fields, write_scan
from volseg.errors import InputError
from volseg.geometry.assumed import require_metres
from volseg.geometry.points import PointCloud
from volseg.geometry.voxelgrid import require_extent
from volseg.io.atomic import disk_errors, make_folder
from volseg.io.scans.pieces import Pieces
from volseg.progress import SILENT, Progress

FACTS = "facts.json"
PART = ".part"


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
        columns, context, table, single = _survey(source, _watched(scan, 0.0, progress))
        _check_room(folder, len(columns) * _row_bytes(source, single) + columns.upto.nbytes)
        with disk_errors(folder):
            part.mkdir()
            clouds = _watched(scan, 0.5, progress)
            ready = _prepared(source, clouds, context, table)
            write_scan(part, columns, ready, source.kept, single=single, table=table)
            sizes = {file.name: file.stat().st_size for file in part.iterdir()}
            facts = {"stamps": stamps, "axis": columns.axis, "sizes": sizes}
            facts["range"] = asdict(context.range)
            (part / FACTS).write_text(json.dumps(facts), encoding="utf-8")
            _put(part, target)
    except InputError as error:
        raise error.at(source.path) from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return _entry(source, target, columns.axis, context.range)


def _entry(source: ScanSource, folder: Path, axis: int, measured: Range | None) -> CachedScan:
    objects = bool(source.voting)
    return CachedScan(
        source.name, folder, source.edge, axis, source.kept, range=measured, objects=objects
    )


def _tell(progress: Progress, before: int, size: int, total: int, share: float) -> None:
    """So much of a scan, after others, is prepared."""
    progress.work("preparing scans", before + share * size, total)


def cached_bytes(scans: Sequence[CachedScan]) -> int:
    """What entries take on disk."""
    folders = {one.folder for one in scans}
    return sum(file.stat().st_size for folder in folders for file in folder.iterdir())


def _survey(
    source: ScanSource, clouds: Iterator[PointCloud]
) -> tuple[Columns, ScanContext, ObjectCentres | None, bool]:
    """What is found out about a scan before its points are written.

    Returns:
        How they are to be sorted, what features of a part need to know, the objects to learn, and
        whether single precision holds every coordinate, as it does where the file has no more.
    """
    objects = ObjectCounter(source.voting)
    builder = ContextBuilder(ground=HEIGHT in source.features)
    counter = Counter(source.edge, len(source.labels))
    lower, upper, single = np.full(3, np.inf), np.full(3, -np.inf), True
    for cloud in clouds:
        classes, instances = source.truth(cloud)
        metres = cloud.metres()
        if len(cloud):
            lower, upper = np.minimum(lower, metres.min(0)), np.maximum(upper, metres.max(0))
        single = single and bool((metres.astype(np.float32) == metres).all())
        builder.add(metres, attributes_of(cloud, source.features))
        counter.add(metres, classes)
        if instances is not None:
            objects.add(metres, classes, instances)
    if not (lower < upper).any():
        require_extent(cloud)
    require_metres(cloud, lower, upper)
    table = objects.table() if source.voting else None
    return counter.columns(), builder.context(), table, single


def _prepared(
    source: ScanSource,
    clouds: Iterator[PointCloud],
    context: ScanContext,
    table: ObjectCentres | None,
) -> Iterator[Scan]:
    for cloud in clouds:
        scan = prepare(cloud, source.features, None, source.name, context)
        classes, instances = source.truth(cloud)
        objects = None
        if table is not None and instances is not None:
            objects = table.objects(table.numbers(classes, instances))
        yield replace(scan, labels=classes, objects=objects)


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
    return _entry(source, entry, facts["axis"], Range.of(facts["range"]))


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
    kinds = fields(source.kept, single=single, objects=bool(source.voting))
    return sum(kind.itemsize for kind in kinds.values())


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
