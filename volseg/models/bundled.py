"""Which models come with the package, and what each is.

A bundled model is two files: ``NAME.safetensors`` with the scores measured on these very weights in
its header, and ``NAME.yaml`` with what somebody wrote. `volseg models`, the card in ``docs/models``
and the notice of whose data it learnt from are made of them (``docs/make_models.py``). Kernels are
stored as float16. A run or model file of the user's of the same name goes first; a folder without a
model does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from volseg.config import AnyModelSpec, load_spec, validate_model_spec
from volseg.data.scans.range import Range
from volseg.geometry import LabelMap
from volseg.models.card import Measured, ModelCard
from volseg.models.header import read_header

FOLDER = Path(__file__).parent
WEIGHTS, CARD = ".safetensors", ".yaml"


@dataclass(frozen=True)
class Bundled:
    """A model that comes with the package.

    Attributes:
        name: Name it is asked for by.
        file: File of its weights.
        card: What its makers say about it.
        spec: Its network, classes and features.
        provenance: How it was trained, with `Measured` scores and a `Range` of its data.
    """

    name: str
    file: Path
    card: ModelCard
    spec: AnyModelSpec
    provenance: Mapping[str, Any]

    @property
    def labels(self) -> LabelMap:
        """Its classes, the first id of each the one that is written."""
        return self.spec.labels.label_map()

    @property
    def measured(self) -> tuple[Measured, ...]:
        """Its scores, the most telling first."""
        return tuple(map(Measured.model_validate, self.provenance.get("measured", ())))

    @property
    def range(self) -> Range | None:
        """What the scans it learnt from are like; None if not measured."""
        return Range.of(self.provenance.get("range"), self.file)


def bundled_names() -> tuple[str, ...]:
    """Names of all bundled models."""
    return tuple(sorted(file.stem for file in FOLDER.glob(f"*{WEIGHTS}")))


def find_bundled(name: str | Path) -> Path | None:
    """The file of the bundled model of a name; None where there is none."""
    return FOLDER / f"{name}{WEIGHTS}" if str(name) in bundled_names() else None


def load_bundled(name: str) -> Bundled:
    """What a bundled model is, without its weights.

    Raises:
        InputError: if its files are broken.
    """
    file = FOLDER / f"{name}{WEIGHTS}"
    header = read_header(file)
    return Bundled(
        name,
        file,
        load_spec(ModelCard, file.with_suffix(CARD)),
        validate_model_spec(header.get("spec"), file),
        header.get("provenance", {}),
    )
