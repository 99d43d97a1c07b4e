"""Every problem of a dataset, in one list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from volseg.data.volumes.checks.inspection import Seen, inspect_case, unknown_ids
from volseg.data.volumes.checks.masks import OBJECTS, are_objects
from volseg.data.volumes.checks.mend import number_colours
from volseg.data.volumes.checks.objects import object_problems
from volseg.data.volumes.checks.spacings import REMEDY, is_possible, odd_spacing, usual_spacing
from volseg.data.volumes.datasets.cases import Case, Dataset, Problem, Severity
from volseg.data.volumes.datasets.dataset import survey
from volseg.data.volumes.datasets.persons import groups_of, told_by_names
from volseg.data.volumes.datasets.series import with_series
from volseg.data.volumes.objects.truth import ObjectTruth
from volseg.errors import InputError
from volseg.geometry.labels import LabelMap
from volseg.geometry.volume import times
from volseg.io.volumes.files import gray_among_colours
from volseg.progress import SILENT, Progress, counted


@dataclass(frozen=True)
class Report:
    """What was found in a dataset.

    Attributes:
        dataset: its cases with all their files there.
        seen: what the cases hold, without those that cannot be read.
        problems: by case; those of the whole dataset come last.
        note: what is worth knowing and no problem; empty where nothing is.
    """

    dataset: Dataset
    seen: tuple[Seen, ...]
    problems: tuple[Problem, ...]
    note: str = ""

    @property
    def broken(self) -> bool:
        """Whether training would fail, or learn nonsense."""
        return any(problem.severity == "error" for problem in self.problems)

    @property
    def ids(self) -> set[int]:
        """The raw ids in the labels that could be read."""
        return {
            raw
            for seen in self.seen
            for raw in (seen.ids if seen.solid is None else self.sharp[len(seen.solid)])
        }

    @property
    def colours(self) -> dict[int, int]:
        """The id of every colour, where labels are pictures in colours; empty where none is."""
        found = {raw for seen in self.seen if seen.coloured for raw in seen.ids}
        return number_colours(found) if found else {}

    @property
    def sharp(self) -> dict[int, tuple[int, ...]]:
        """Ids to give masks with soft edges, by their number, as JPEG makes 126 or 128 of 127.

        Those the dataset names, else those of most masks.
        """
        found = Counter(one.solid for one in self.seen if one.solid is not None)
        known = {raw for ids in (self.dataset.classes or {}).values() for raw in ids}
        most = {len(ids): ids for ids, _ in reversed(found.most_common())}
        return most | {len(known | {0}): tuple(sorted(known | {0}))} if known else most

    def summary(self) -> str:
        """One line: cases, channels, median spacing, number of problems."""
        parts = [_count(len(self.dataset.cases), "case")]
        if self.seen:
            counts = sorted({seen.channels for seen in self.seen})
            parts.append(f"{' or '.join(map(str, counts))} channel{'s' if counts != [1] else ''}")
            parts.append(f"spacing {times(usual_spacing([seen.spacing for seen in self.seen]))}")
        severities = Counter(problem.severity for problem in self.problems)
        found = [_count(n, severity) for severity, n in sorted(severities.items())]
        return ", ".join([*parts, *(found or ["no problem found"])])


def check_dataset(
    path: Path | str,
    *,
    labels: LabelMap | None = None,
    series: str | None = None,
    objects: ObjectTruth | None = None,
    threads: int = 2,
    progress: Progress = SILENT,
) -> Report:
    """Read every file of a dataset and list what is wrong.

    Args:
        path: as `read_dataset`'s.
        labels: the classes, where they are not to be those the dataset names.
        series: what the DICOM series of the images are called, where folders hold several.
        objects: how labels say which voxels are one object, where they do.
        threads: cases read at a time; each needs about twice the memory of its image.
        progress: told how many cases are read.

    Raises:
        InputError: if the path holds no dataset at all.
    """
    dataset, problems = survey(path)
    if series is not None:
        dataset = _choose_series(dataset, series, problems)
    if objects is None and dataset.numbers_objects:
        objects = "file"
    seen: list[Seen] = []
    known = _known(dataset, labels)
    numbered = objects in ("ids", "thousands")
    inspect = partial(inspect_case, known=None if numbered else known)
    with ThreadPoolExecutor(threads, thread_name_prefix="check") as pool:
        read = pool.map(inspect, dataset.cases)
        for found, wrong in counted(read, "checking", len(dataset.cases), progress):
            problems += wrong
            seen += [found] if found is not None else []
    if objects is not None:
        for one in seen:
            problems += object_problems(one.case, objects, known)
    if not numbered:
        problems += (_objects(seen) if objects is None else []) or [
            problem for one in seen for problem in unknown_ids(one.case, one.ids, known)
        ]
    problems += [*_channels(dataset, seen), *_spacings(seen), *_twins(seen)]
    problems.sort(key=lambda problem: problem.case)
    if len(seen) == len(dataset.cases):
        problems += _absent(dataset, seen)
    problems += _too_few(dataset, path)
    return Report(dataset, tuple(seen), tuple(problems), _persons(dataset))


def _choose_series(dataset: Dataset, series: str, problems: list[Problem]) -> Dataset:
    """The cases that have such a series, which is theirs; what is wrong with others is noted."""
    cases = []
    for case in dataset.cases:
        try:
            cases.append(with_series(case, series))
        except InputError as error:
            problems.append(Problem.of(case.name, error, case.images[0]))
    return replace(dataset, cases=tuple(cases))


def _known(dataset: Dataset, labels: LabelMap | None) -> frozenset[int] | None:
    if labels is not None and labels.rest is not None:
        return None
    if labels is not None:
        classes = [one.ids for one in labels.classes]
        others, overlap = (*labels.ignore, *labels.background), labels.overlap
    elif dataset.classes is not None:
        classes = list(dataset.classes.values())
        others, overlap = (*dataset.ignore, *dataset.background), dataset.overlap
    else:
        return None
    ids = {one for many in (*classes, others) for one in many}
    return frozenset(ids | {0} if overlap else ids)


def _objects(seen: Sequence[Seen]) -> list[Problem]:
    if not are_objects([one.layout for one in seen]):
        return []
    remedy = "check and plan them as objects (--objects ids), or make all one class (--fix OUT)"
    return [
        Problem(one.case.name, f"holds {_count(len(one.ids), 'id')}: {OBJECTS}", remedy,
                one.case.label, repair="objects")
        for one in seen if not set(one.ids) <= {0, 1}
    ]  # fmt: skip


def _channels(dataset: Dataset, seen: Sequence[Seen]) -> Iterator[Problem]:
    counts = Counter(one.channels for one in seen)
    pictures = gray_among_colours(counts, (one.case.images[0] for one in seen))
    if dataset.channels is not None:
        wanted, source = len(dataset.channels), "the dataset names"
    else:
        wanted, source = max(counts, key=counts.__getitem__, default=0), "most cases have"
        wanted = max(counts) if pictures else wanted
    for one in seen:
        if pictures and one.channels < wanted:
            message, remedy = (
                "is gray among colours",
                "leave it: it is read as three equal channels",
            )
            yield Problem(one.case.name, message, remedy, one.case.images[0], "warning")
        elif one.channels != wanted:
            message = f"has {_count(one.channels, 'channel')}; {source} {wanted}"
            remedy = "give every case the same channels"
            yield Problem(one.case.name, message, remedy, one.case.images[0])


def _spacings(seen: Sequence[Seen]) -> Iterator[Problem]:
    usual = usual_spacing([one.spacing for one in seen]) if seen else ()
    for one in seen:
        message = odd_spacing(one.spacing, usual)
        if message:
            severity: Severity = "warning" if is_possible(one.spacing) else "error"
            yield Problem(one.case.name, message, REMEDY, one.case.images[0], severity)


def _twins(seen: Sequence[Seen]) -> Iterator[Problem]:
    first: dict[bytes, Case] = {}
    for one in seen:
        twin = first.setdefault(one.digest, one.case)
        if twin is not one.case:
            message = f"is the same image as that of {twin.name}"
            remedy = "remove one, or keep both in one group"
            yield Problem(one.case.name, message, remedy, one.case.images[0], "warning")


def _absent(dataset: Dataset, seen: Sequence[Seen]) -> Iterator[Problem]:
    found = {raw for one in seen for raw in one.ids}
    for name, ids in (dataset.classes or {}).items():
        if not found.intersection(ids):
            message = f"class {name} ({', '.join(map(str, ids))}) is in no label"
            remedy = "correct its id, or leave it out"
            yield Problem("", message, remedy, dataset.folder / "dataset.json", "warning")


def _too_few(dataset: Dataset, path: Path | str) -> Iterator[Problem]:
    """Whether there is nothing to hold out, which training refuses."""
    groups = groups_of(dataset) or {}
    if len(dataset.cases) < 2 or len(set(groups.values())) == 1:
        of = _count(len(dataset.cases), "case") + (" of one group" if groups else "")
        remedy = "add cases to hold out, or train on all (--fold all)"
        yield Problem("", f"has {of}, so that nothing can be held out", remedy, Path(path))


def _persons(dataset: Dataset) -> str:
    groups = groups_of(dataset)
    if groups is None or dataset.groups is not None:
        return ""
    return f"{told_by_names(groups)}: training holds a person out whole"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
