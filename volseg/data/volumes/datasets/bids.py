"""Datasets in BIDS: images of persons and visits, labels among the derivatives."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from volseg.data.volumes.datasets.cases import Case, Dataset, Problem
from volseg.errors import InputError
from volseg.io.volumes.formats import is_listed_volume, volume_stem

DERIVATIVES = "derivatives"
WHOSE = ("sub", "ses", "run")
"""Entities that tell cases apart."""
LABELS = ("dseg", "seg", "mask", "roi")
"""Suffixes of label maps, the best first; ``probseg`` is none."""
NATIVE = ("orig", "individual", "native", "T1w", "T2w", "scanner")
"""Spaces that are an image's own; labels in others lie on another grid."""


@dataclass(frozen=True)
class Named:
    """A file whose name BIDS made.

    Attributes:
        path: the file.
        case: whose it is, as ``sub-01_ses-2``.
        kind: what it is, as ``acq-mprage_T1w``.
        suffix: the last word of it, as ``T1w``.
        space: the space it is resampled to, if any.
    """

    path: Path
    case: str
    kind: str
    suffix: str
    space: str | None

    @classmethod
    def of(cls, path: Path) -> Named | None:
        """What a name says; None where it is not BIDS's."""
        *words, suffix = volume_stem(path).split("_")
        pairs = [tuple(word.split("-", 1)) for word in words if "-" in word]
        entities = dict(pair for pair in pairs if len(pair) == 2)
        if "sub" not in entities:
            return None
        case = "_".join(f"{key}-{entities[key]}" for key in WHOSE if key in entities)
        others = [word for word in words if word.split("-", 1)[0] not in WHOSE]
        return cls(path, case, "_".join([*others, suffix]), suffix, entities.get("space"))


def is_bids(folder: Path) -> bool:
    """Whether a folder has persons and derivatives as BIDS names them."""
    return (folder / DERIVATIVES).is_dir() and any(folder.glob("sub-*/"))


def read_bids(folder: Path) -> tuple[Dataset, list[Problem]]:
    """Persons' images, and the label maps that belong to them.

    A case is a person, or a visit or run of one; its channels are the kinds of image that all
    labelled cases have, anatomical ones where there are any. Those without a label are left out.

    Raises:
        InputError: if there are label maps of several kinds, or none.
    """
    images = [one for one in _named(folder.glob("sub-*")) if one.suffix not in LABELS]
    anatomical = [one for one in images if one.path.parent.name == "anat"]
    images = [one for one in anatomical or images if one.space is None]
    labels = _labels(folder)
    by_case: dict[str, dict[str, Path]] = {}
    for image in images:
        by_case.setdefault(image.case, {})[image.kind] = image.path
    known = {case: kinds for case, kinds in by_case.items() if case in labels}
    counts = Counter(kind for kinds in known.values() for kind in kinds)
    most = max(counts.values(), default=0)
    channels = sorted(kind for kind, count in counts.items() if count == most)
    problems = [
        Problem(case, "has no label among the derivatives", "add one, or leave it: it is not used",
                next(iter(kinds.values())), "warning")
        for case, kinds in by_case.items() if case not in known
    ]  # fmt: skip
    cases = []
    for case, kinds in known.items():
        lacking = [kind for kind in channels if kind not in kinds]
        if lacking:
            message = f"has no {', '.join(lacking)}, which most cases have"
            problems.append(Problem(case, message, "add it, or remove its label", labels[case]))
        else:
            cases.append(Case(case, tuple(kinds[kind] for kind in channels), labels[case]))
    names = tuple(channels) if channels else None
    return Dataset(folder, "BIDS", tuple(cases), names), problems


def _labels(folder: Path) -> dict[str, Path]:
    """The label map of every case, of the best kind there is."""
    places = [folder / DERIVATIVES, *folder.glob("sub-*")]
    found = [
        one
        for one in _named(places)
        if one.suffix in LABELS and (one.space is None or one.space in NATIVE)
    ]
    if not found:
        raise InputError(
            f"is BIDS without label maps; wanted {DERIVATIVES}/.../sub-*_dseg.nii.gz (or _seg, "
            "_mask; or name a CSV file with columns image and label)",
            path=folder,
        )
    best = min((one.suffix for one in found), key=LABELS.index)
    chosen = [one for one in found if one.suffix == best]
    kinds = sorted({_kind(one, folder) for one in chosen})
    if len(kinds) > 1:
        raise InputError(
            f"holds label maps of {len(kinds)} kinds: {', '.join(kinds[:4])}; wanted one: name "
            "them in a CSV file with columns image and label",
            path=folder,
        )
    return {one.case: one.path for one in chosen}


def _kind(label: Named, folder: Path) -> str:
    """Where a label map comes from, and what it is."""
    first = label.path.relative_to(folder).parts
    pipeline = first[1] if first[0] == DERIVATIVES and not first[1].startswith("sub-") else first[0]
    return f"{pipeline if not re.match('sub-', pipeline) else '.'}/{label.kind}"


def _named(places: Iterable[Path]) -> Iterator[Named]:
    for place in sorted(places):
        for path in sorted(place.rglob("*")):
            if not path.is_dir() and is_listed_volume(path):
                named = Named.of(path)
                if named is not None:
                    yield named
