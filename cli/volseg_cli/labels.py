"""The classes a user names by ``--model`` or ``--labels``."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from volseg.errors import InputError
from volseg_cli import console

if TYPE_CHECKING:
    from volseg.geometry import LabelMap


def label_map(
    model: Path | None, labels: Path | None, *, predicted: Sequence[Path] = ()
) -> LabelMap | None:
    """The label map of a model or a YAML file; where neither is named, of scans' `_makers`.

    Raises:
        InputError: if both are named, or the one named holds no label map.
    """
    if model is not None and labels is not None:
        raise InputError("--model and --labels both name the classes; give one of them")
    from volseg._face.labels import label_map as named

    known = named(model, labels)
    if known is not None:
        return known
    return _makers(predicted) if predicted else None


def _makers(files: Sequence[Path]) -> LabelMap | None:
    """The label map of the model at hand that scans say they were predicted by, or None.

    Ids that it does not know count nowhere: the model learnt nothing of them.
    """
    from volseg.geometry.labels import IGNORE
    from volseg.io.scans.files import labelled_by
    from volseg.models.load import find_maker, load_model_spec

    signatures = set()
    for file in files:
        with suppress(InputError):  # said when the labels are read
            signatures.add(labelled_by(file))
    signature = signatures.pop() if len(signatures) == 1 else None
    maker = None if signature is None else find_maker(signature)
    if maker is None:
        return None
    console.note(
        f"classes are those of what predicted {console.several([one.name for one in files])}: "
        f"{signature}; ids it does not know count nowhere"
    )
    known = load_model_spec(maker).labels.label_map()
    return known if known.overlap or known.rest is not None else replace(known, rest=IGNORE)
