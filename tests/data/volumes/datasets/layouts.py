"""Datasets on disk whose files are empty: reading a dataset opens no volume."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from volseg.data.volumes.datasets.dataset import Dataset


def touch(folder: Path, files: str) -> Path:
    """Empty files: reading a dataset opens no volume."""
    for name in files.split():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def describe(folder: Path, **said: Any) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "dataset.json").write_text(json.dumps(said))
    return folder


def table(dataset: Dataset) -> dict[str, list[str]]:
    """Names of the files of every case, from the dataset's folder."""
    return {
        case.name: [
            file.relative_to(dataset.folder).as_posix()
            for file in (*case.images, *([case.label] if case.label else []))
        ]
        for case in dataset.cases
    }


DECATHLON = {"modality": {"1": "T2", "0": "ADC"}, "labels": {"0": "background", "1": "zone"}}
