"""Scans a user named, and where the files made of them go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from volseg.errors import InputError


def expand(inputs: Sequence[Path]) -> list[Path]:
    """Files as named; of a folder, the scans in it.

    Raises:
        InputError: for a path that does not exist, or a folder without scans.
    """
    from volseg.io import is_scan

    files: list[Path] = []
    for path in inputs:
        if path.is_dir():
            inside = sorted(one for one in path.iterdir() if one.is_file() and is_scan(one))
            if not inside:
                raise InputError("this folder holds no scan", path=path)
            files += inside
        elif path.exists():
            files.append(path)
        else:
            raise InputError("no such file", path=path)
    return files


def targets(
    files: Sequence[Path],
    out: Path,
    *,
    name: Callable[[Path], str],
    is_file: bool,
    overwrite: bool,
) -> list[Path]:
    """An output path for every file: ``out`` itself where it names a file, else inside it.

    Folders that are missing are made.

    Raises:
        InputError: if an output exists and may not be replaced, would replace its own input,
            or two inputs would go to one output.
    """
    from volseg.io.atomic import check_target, make_folder

    if is_file and len(files) > 1:
        raise InputError(f"is one file for {len(files)} scans; name a folder instead", path=out)
    made = [out] if is_file else [out / name(file) for file in files]
    takers: dict[Path, Path] = {}
    for file, target in zip(files, made, strict=True):
        first = takers.setdefault(target, file)
        if first is not file:
            raise InputError(f"{first} and {file} would both be written here", path=target)
        if target.exists() and target.samefile(file):
            raise InputError("would replace the scan itself; name another folder", path=target)
    make_folder(out.parent if is_file else out)
    for target in made:
        check_target(target, overwrite=overwrite)
    return made
