"""The classes a user names by ``--model`` or ``--labels``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from volseg.errors import InputError

if TYPE_CHECKING:
    from volseg.geometry import LabelMap


def label_map(model: Path | None, labels: Path | None) -> LabelMap | None:
    """The label map of a model or a YAML file; None where neither is named.

    Raises:
        InputError: if both are named, or the one named holds no label map.
    """
    if model is not None and labels is not None:
        raise InputError("--model and --labels both name the classes; give one of them")
    if model is not None:
        from volseg.builders.models import load_model_spec

        return load_model_spec(model).labels.label_map()
    if labels is not None:
        from volseg.config import find_config, load_label_map

        return load_label_map(find_config(labels))
    return None
