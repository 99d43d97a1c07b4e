"""The table of scan formats by suffix, and how scans are called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from pathlib import Path

from volseg.errors import InputError
from volseg.io.scans.codec import ScanCodec
from volseg.plugins import Registry


@dataclass(frozen=True)
class ScanFormat:
    """A kind of scan file.

    Attributes:
        name: what people call it.
        codec: gives what reads and writes it, imported when it is first called.
        suffixes: how its paths end, in lower case; ``/`` stands for a whole file name.
        copies: suffix of labelled copies where volseg does not write the kind itself.
        extras: what such files may hold beside points, which no other kind takes over.
    """

    name: str
    codec: Callable[[], ScanCodec]
    suffixes: tuple[str, ...]
    copies: str | None = None
    extras: str = ""

    def shares_codec(self, other: ScanFormat) -> bool:
        """Whether a copy of one as the other can keep all bytes but those of the labels."""
        return self.codec is other.codec


@cache
def _codec(module: str, name: str) -> ScanCodec:
    codec = getattr(import_module(f"volseg.io.scans.{module}"), name)()
    assert isinstance(codec, ScanCodec)
    return codec


LAS = partial(_codec, "las.codec", "LasCodec")
LAS_RECORDS = "header fields, variable length records, and waveforms"
PLY = partial(_codec, "ply.codec", "PlyCodec")
PCD = partial(_codec, "pcd.codec", "PcdCodec")
E57 = partial(_codec, "e57", "E57Codec")
KITTI = partial(_codec, "kitti", "KittiCodec")
NPZ = partial(_codec, "npz", "NpzCodec")
POINTCEPT = partial(_codec, "pointcept", "PointceptCodec")
TEXT = partial(_codec, "text", "TextCodec")
TEXT_SUFFIXES = (".xyz", ".txt", ".csv", ".asc", ".pts", ".xyz_label_conf")
SCENE = "coord.npy"
"""The file of its folder that a scene of Pointcept's is called by."""

# A longer suffix stands before the shorter one it ends with.
OWN_FORMATS = (
    ScanFormat("COPC", LAS, (".copc.laz",), ".laz", "levels of its octree"),
    ScanFormat("LAZ", LAS, (".laz",), None, LAS_RECORDS),
    ScanFormat("LAS", LAS, (".las",), None, LAS_RECORDS),
    ScanFormat("PLY", PLY, (".ply",), None, "comments, lists, and elements other than vertex"),
    ScanFormat("PCD", PCD, (".pcd",), None, "comments, viewpoint, and rows of an image"),
    ScanFormat("E57", E57, (".e57",), ".ply", "pictures, poses of scans, and invalid points"),
    ScanFormat("KITTI", KITTI, (".bin",)),
    ScanFormat("NPZ", NPZ, (".npz",), None, "arrays of other lengths"),
    ScanFormat("Pointcept", POINTCEPT, (f"/{SCENE}",), None, "arrays that are no numbers"),
    ScanFormat(
        "text", TEXT, (*TEXT_SUFFIXES, *(f"{suffix}.gz" for suffix in TEXT_SUFFIXES)), None,
        "comments, and columns of words",
    ),
)  # fmt: skip
SCAN_FORMATS = Registry("volseg.scan_formats", ScanFormat, OWN_FORMATS)
"""All formats of scans: volseg's own, registered ones, and those that packages bring."""
LABELS_ALONE = (".label", ".labels")
"""Suffixes of files of labels alone, of KITTI and Semantic3D."""


def register_scan_format(kind: ScanFormat) -> None:
    """Have volseg read and write another format of scans, as long as this process runs."""
    SCAN_FORMATS.register(kind)


def scan_suffixes() -> tuple[str, ...]:
    """The suffixes of the files `read` takes, in lower case, with their dots."""
    return tuple(suffix for kind in SCAN_FORMATS for suffix in kind.suffixes)


def find_scan_format(path: Path) -> ScanFormat:
    """The format of a path by its suffix.

    Raises:
        InputError: if there is none.
    """
    kind = _find(path)
    if kind is not None:
        return kind
    raise InputError(
        f"{path.suffix!r} is no scan format volseg knows; it knows {' '.join(scan_suffixes())}",
        path=path,
    )


def is_scan(path: Path | str) -> bool:
    """Whether a path ends like a scan, or is a folder that is one."""
    return _find(path) is not None


def _find(path: Path | str) -> ScanFormat | None:
    ending = _ending(scan_file(path))
    return next((kind for kind in SCAN_FORMATS if ending.endswith(kind.suffixes)), None)


def is_text(path: Path) -> bool:
    """Whether a scan is text, whose columns may be named."""
    return is_scan(path) and find_scan_format(path).codec().takes_columns


def scan_file(path: Path | str) -> Path:
    """The file a scan is called by: of Pointcept's folders, the coordinates in it."""
    path = Path(path)
    inside = path / SCENE
    return inside if path.is_dir() and inside.is_file() else path


def scan_stem(path: Path | str) -> str:
    """What a scan is called: ``tile`` of ``tile.copc.laz``, ``hall`` of ``hall/coord.npy``."""
    path = scan_file(path)
    for suffix in (*scan_suffixes(), *LABELS_ALONE):
        if _ending(path).endswith(suffix):
            return path.name[: -len(suffix)] or path.absolute().parent.name
    return path.name


def output_name(source: Path | str) -> str:
    """Name of a labelled copy: the same, but of kinds volseg does not write.

    Pointcept's scans are called by their folders, so theirs is ``hall/coord.npy``.
    """
    path = scan_file(source)
    for kind in SCAN_FORMATS:
        for suffix in kind.suffixes:
            if kind.copies is not None and _ending(path).endswith(suffix):
                return path.name[: -len(suffix)] + kind.copies
    return f"{scan_stem(path)}/{path.name}" if path.name.lower() == SCENE else path.name


def _ending(path: Path) -> str:
    return f"/{path.name}".lower()
