"""What a dataset of labelled volumes is, and what can be wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from volseg.errors import InputError

Severity = Literal["error", "warning"]
Repair = Literal[
    "finite", "affine", "axes", "place", "edges", "objects",
    "structures", "round", "colours", "grid", "crop",
]  # fmt: skip


@dataclass(frozen=True)
class ImageCase:
    """One image.

    Attributes:
        name: Name unlike any other case's, fit for a file name.
        images: One file with all channels, or one file per channel.
    """

    name: str
    images: tuple[Path, ...]


@dataclass(frozen=True)
class Case(ImageCase):
    """One labelled image.

    Attributes:
        label: File of its labels.
        group: Name of the cases that stay together when a dataset is split; None for its own.
        objects: File of the ids of its objects; None where nobody names one.
    """

    label: Path
    group: str | None = None
    objects: Path | None = None


@dataclass(frozen=True)
class Dataset:
    """Labelled images and what is said about them.

    Attributes:
        folder: what relative paths start from.
        layout: how the dataset is laid out, in words.
        cases: sorted by name.
        channels: names of the images' channels, None where the dataset does not say.
        classes: raw ids of every class by its name, the one that is written first; None where
            the dataset does not say.
        ignore: raw ids that count nowhere.
        overlap: whether the classes are regions that share ids.
        background: raw ids in no region, with ``overlap``.
        things: names of the classes that have objects; None where the dataset does not say.
    """

    folder: Path
    layout: str
    cases: tuple[Case, ...]
    channels: tuple[str, ...] | None = None
    classes: dict[str, tuple[int, ...]] | None = None
    ignore: tuple[int, ...] = ()
    overlap: bool = False
    background: tuple[int, ...] = ()
    things: frozenset[str] | None = None

    @property
    def numbers_objects(self) -> bool:
        """Whether a file is named for the objects of every case."""
        return all(case.objects is not None for case in self.cases)

    @property
    def groups(self) -> dict[str, str] | None:
        """The group of every case by its name, where the dataset has groups."""
        found = {case.name: case.group for case in self.cases if case.group is not None}
        return found or None


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a dataset.

    Attributes:
        case: name of the case, or of the file that belongs to none.
        message: what was found, and what was wanted.
        remedy: what to do about it.
        path: the file that is at fault.
        severity: ``error`` where training would fail or learn nonsense.
        repair: what would undo it and is safe: values to be made finite, or the label to take
            its image's affine, or its axes, or a header to give one place, edges to be made
            sharp, or objects to be one class; masks to be one label map, values to be rounded,
            colours to be ids, channels to be resampled to the grid of the first, or a label laid
            into its image's; None where a person has to look.
    """

    case: str
    message: str
    remedy: str
    path: Path
    severity: Severity = "error"
    repair: Repair | None = None

    @classmethod
    def of(cls, case: str, error: InputError, path: Path) -> Self:
        """What an error says of a file of a case; ``path`` where it names none."""
        message, _, remedy = error.message.rpartition("; ")
        return cls(case, message or remedy, remedy if message else "replace it", error.path or path)

    def error(self) -> InputError:
        """The same as an error to raise."""
        return InputError(f"{self.message}; {self.remedy}", path=self.path)
