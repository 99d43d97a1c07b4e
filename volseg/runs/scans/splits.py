"""Which scans of a folder train and which are held out, read and prepared."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from volseg.config import ScanConfig, ScanDataSpec
from volseg.data.scans.cache import build_cache
from volseg.data.scans.columns import edge_for
from volseg.data.scans.source import ScanSource
from volseg.data.scans.store import CachedScan
from volseg.errors import InputError
from volseg.io import is_scan
from volseg.io.scans.crs import chosen
from volseg.io.scans.formats import scan_suffixes
from volseg.models.tensors import STATE
from volseg.progress import SILENT, Progress
from volseg.runs.scans.meanings import label_map_of, matches


def load_split(
    config: ScanConfig, folder: Path, cache: Path, progress: Progress = SILENT
) -> tuple[list[CachedScan], list[CachedScan]]:
    """The training and the validation scans of a folder, prepared in a cache.

    A single scan is cut across its longer side; the far end validates.

    Raises:
        InputError: naming the file that cannot be used, or the pattern that matches none.
    """
    names, held_out = split_names(config.data, folder)
    scans = build_cache(_sources(config, folder, names), cache, progress)
    share = config.data.validation
    if len(scans) == 1 and isinstance(share, float) and share > 0.0:
        try:
            near, far = scans[0].cut(share)
        except InputError as error:
            raise error.at(folder / names[0]) from None
        return [near], [far]
    train = [scan for number, scan in enumerate(scans) if number not in held_out]
    return train, [scans[number] for number in held_out]


def load_held_out(config: ScanConfig, folder: Path, cache: Path) -> list[CachedScan]:
    """The validation scans that `load_split` gives; no others are read.

    Raises:
        InputError: as `load_split`.
    """
    names, held_out = split_names(config.data, folder)
    if len(names) == 1:
        return load_split(config, folder, cache)[1]
    return build_cache(_sources(config, folder, [names[k] for k in held_out]), cache)


def split_names(spec: ScanDataSpec, folder: Path) -> tuple[list[Path], list[int]]:
    """The scans of a folder by their paths in it, and which of them validate.

    Raises:
        InputError: if the spec matches no scan, or leaves none to train on.
    """
    names = [path.relative_to(folder) for path in find_scans(folder, spec)]
    share = spec.validation
    if isinstance(share, float):
        return names, hold_out(len(names), share) if len(names) > 1 and share > 0.0 else []
    held_out = [number for number, name in enumerate(names) if matches(name, share)]
    if len(held_out) in (0, len(names)):
        raise InputError(
            f"{'every' if held_out else 'no'} scan matches data.validation ({', '.join(share)}); "
            "wanted some to train on and some to validate",
            path=folder,
        )
    return names, held_out


def hold_out(count: int, share: float) -> list[int]:
    """Which of several scans make up a share of them for validation, evenly spread.

    Raises:
        InputError: if that would be all of them.
    """
    many = max(1, round(count * share))
    if many >= count:
        raise InputError(f"a validation share of {share:g} leaves none of {count} scans")
    return sorted({int((number + 0.5) * count / many) for number in range(many)})


def _sources(config: ScanConfig, folder: Path, names: Sequence[Path]) -> list[ScanSource]:
    spec, edge = config.data, edge_for(config.train.crop)
    crs, usual = chosen(spec.crs, spec.units), config.labels.label_map()
    maps = [label_map_of(name, usual, spec.meanings) for name in names]
    return [
        ScanSource(
            path=folder / name,
            name=str(name),
            labels=labels,
            label_field=spec.label_field,
            features=config.voxels.features,
            edge=edge,
            crs=crs,
            columns=spec.columns,
            noise=spec.noise or labels.has_noise,
            ignore_loose=spec.ignore_loose,
        )
        for name, labels in zip(names, maps, strict=True)
    ]


def find_scans(folder: Path, spec: ScanDataSpec) -> list[Path]:
    """Scan files of a folder that a spec includes, sorted by path; the log of a run is none.

    Raises:
        InputError: if there is no such folder, or no such file in it.
    """
    if not folder.is_dir():
        raise InputError("no such folder; wanted the folder of the training scans", path=folder)
    scans = {
        path
        for pattern in spec.include
        for path in _glob(folder, pattern)
        if path.is_file() and is_scan(path) and not (path.parent / STATE).exists()
    }
    if not scans:
        raise InputError(
            f"no scan matches {', '.join(spec.include)}; wanted {', '.join(scan_suffixes()[:3])} "
            "or the like (volumes need a config of their own: volseg plan writes one)",
            path=folder,
        )
    return sorted(scans)


def _glob(folder: Path, pattern: str) -> list[Path]:
    try:
        return list(folder.glob(pattern))
    except (ValueError, NotImplementedError) as error:
        raise InputError(
            f"data.include: {pattern!r} is no pattern of files in the data folder ({error})"
        ) from None
