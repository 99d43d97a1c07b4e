"""The classes that are to count, however they are named."""

from __future__ import annotations

from pathlib import Path

from volseg.errors import InputError
from volseg.geometry import LabelMap

Labels = LabelMap | Path | str
"""A label map, or what holds one: a YAML file, or the name of a preset."""


def label_map(model: Path | str | None, labels: Labels | None) -> LabelMap | None:
    """The label map of a model or of ``labels``; None where neither is given.

    Raises:
        InputError: if both are given, or the one given holds no label map.
    """
    if model is not None and labels is not None:
        raise InputError("model and labels both name the classes; give one of them")
    if model is not None:
        from volseg.models.load import load_model_spec

        return load_model_spec(Path(model)).labels.label_map()
    if isinstance(labels, Path | str):
        from volseg.config import find_config, load_label_map

        return load_label_map(find_config(labels))
    return labels
