"""Files a user named, and where the files made of them go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from volseg.errors import InputError

OTHER_FILES = (
    ".dcm", ".dicom", ".ima", ".hdr", ".img", ".mnc", ".npy", ".npz", ".mat", ".h5", ".hdf5",
    ".json", ".yaml", ".csv", ".zip", ".tar", ".gz", ".webp", ".svg", ".pdf", ".html", ".shp",
)  # fmt: skip
"""Suffixes of files that no folder is called by, beside those of scans and volumes."""


def expand(
    inputs: Sequence[Path],
    out: Path,
    known: Callable[[Path], bool] | None = None,
    what: str = "scan",
) -> dict[Path, Path]:
    """Files as named; of a folder, those of a known kind in it and in the folders within it.

    Args:
        inputs: files and folders.
        out: where outputs go; no input is looked for there, unless it is named.
        known: whether a path is of that kind; scans by default.
        what: what the kind is called.

    Returns:
        The files, and for each the folder it lies in within the one that was named.

    Raises:
        InputError: for a path that does not exist, or a folder without such files.
    """
    from volseg.io import is_scan
    from volseg.io.folders import files_within
    from volseg.io.scans.formats import scan_file

    def wanted(path: Path) -> bool:
        return is_scan(path) and scan_file(path).is_file() if known is None else known(path)

    files: dict[Path, Path] = {}
    for path in inputs:
        inside = files_within(path, wanted, [out.resolve()]) if path.is_dir() else []
        if path.is_file() or (path.is_dir() and wanted(path)):
            files[path] = Path()
        elif inside:
            files |= {one: one.relative_to(path).parent for one in inside}
        elif path.is_dir():
            raise InputError(f"this folder holds no {what}", path=path)
        else:
            raise InputError("no such file", path=path)
    return files


def _names_a_file(path: Path) -> bool:
    """Whether a path that does not exist ends as files do, not folders."""
    from volseg.io import scan_suffixes, volume_suffixes

    return path.name.lower().endswith((*scan_suffixes(), *volume_suffixes(), *OTHER_FILES))


def targets(
    files: Sequence[Path],
    out: Path,
    *,
    name: Callable[[Path], Path],
    is_file: bool,
    overwrite: bool,
    what: str = "scan",
) -> list[Path]:
    """An output path for every file: ``out`` itself where it names a file, else inside it.

    Folders that are missing are made.

    Raises:
        InputError: if an output exists and may not be replaced, would replace its own input,
            or two inputs would go to one output, or ``out`` looks like a file and is none.
    """
    from volseg.io.atomic import check_target, make_folder

    if is_file and len(files) > 1:
        raise InputError(f"is one file for {len(files)} {what}s; name a folder instead", path=out)
    if not is_file and not out.is_dir() and _names_a_file(out):
        raise InputError(
            f"{out.suffix!r} names a file, of a kind that is not written here; name a folder, or a "
            f"file like {name(files[0]).name}",
            path=out,
        )
    made = [out] if is_file else [out / name(file) for file in files]
    takers: dict[Path, Path] = {}
    for file, target in zip(files, made, strict=True):
        first = takers.setdefault(target, file)
        if first is not file:
            raise InputError(f"{first} and {file} would both be written here", path=target)
        if target.exists() and target.samefile(file):
            raise InputError(f"would replace the {what} itself; name another folder", path=target)
    make_folder(out.parent if is_file else out)
    for target in made:
        make_folder(target.parent)
        check_target(target, overwrite=overwrite)
    return made
