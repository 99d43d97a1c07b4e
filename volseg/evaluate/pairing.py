"""Which prediction belongs to which truth, by their places and names in two folders."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import TypeVar

from volseg.data.volumes.datasets.matching import match_names
from volseg.errors import InputError

Failed = Callable[[InputError], None]
"""Told of an item that cannot be used, so that the others go on; None has it raised."""
Names = tuple[str, ...]
"""What a file goes by in its folder, such as ``north/a.laz`` and ``north/a``: the exacter first."""
T = TypeVar("T")
R = TypeVar("R")


def pair_files(
    guesses: Mapping[Path, Names], truths: Mapping[Path, Names]
) -> tuple[list[tuple[Path, Path]], list[InputError]]:
    """Pairs of predictions and truths, in the order of the predictions.

    The first name that some truth shares decides, with the folders before it or else without. What
    has no such truth is matched as images are with labels in training: by one word more, or but
    for words that all share.

    Args:
        guesses: the predictions and their names.
        truths: the truths and theirs, as many a file.

    Returns:
        The pairs; and an error for every prediction without a truth, or with more than one, and
        for every truth with more than one prediction.
    """
    find = _finder(truths)
    found = {guess: find(names) for guess, names in guesses.items()}
    taken = {truth for some in found.values() for truth in some}
    strays = {guesses[guess][-1]: guess for guess, some in found.items() if not some}
    free = {names[-1]: truth for truth, names in truths.items() if truth not in taken}
    names, others = ([own[-1] for own in files.values()] for files in (guesses, truths))
    for name, other in _alike(names, others):
        if name in strays and other in free:
            found[strays.pop(name)] = [free.pop(other)]
    takers: dict[Path, list[Path]] = defaultdict(list)
    problems: list[InputError] = []
    for guess, some in found.items():
        if len(some) == 1:
            takers[some[0]].append(guess)
        else:
            many = f"{len(some)} truths" if some else "no truth"
            message = f"{many} of this name in {_folder(truths)}; wanted one"
            problems.append(InputError(message, path=guess))
    for truth, several in takers.items():
        if len(several) > 1:
            many = f"{len(several)} predictions in {_folder(guesses)}"
            problems.append(InputError(f"{many}; wanted one", path=truth))
    pairs = [(several[0], truth) for truth, several in takers.items() if len(several) == 1]
    return pairs, problems


def pair_paths(
    predicted: Path, guesses: Mapping[Path, Names], truth: Path, truths: Mapping[Path, Names]
) -> tuple[list[tuple[Path, Path]], list[InputError]]:
    """As `pair_files`, of what lies in two paths; a path that is a file has itself in it.

    Two files are a pair whatever their names. What a truth that is a file has no use for is left
    out.

    Raises:
        InputError: if a truth that is a file has no prediction, or more than one.
    """
    if predicted in guesses and truth in truths:
        return [(predicted, truth)], []
    pairs, problems = pair_files(guesses, truths)
    if truth not in truths:
        return pairs, problems
    if not pairs:
        none = f"no prediction of this name in {_folder(guesses)}; wanted one"
        doubt = (problem for problem in problems if problem.path == truth)
        raise next(doubt, InputError(none, path=truth))
    return pairs, []


def tell(error: InputError, failed: Failed | None) -> None:
    """Tell of an item that cannot be used, or raise where nobody is told."""
    if failed is None:
        raise error
    failed(error)


def attempt(work: Callable[[T], R], item: T) -> R | InputError:
    """What work makes of an item, or why the item cannot be used."""
    try:
        return work(item)
    except InputError as error:
        return error


def done(results: Iterable[R | InputError], failed: Failed | None) -> Iterator[R]:
    """The results of what could be used."""
    for result in results:
        if isinstance(result, InputError):
            tell(result, failed)
        else:
            yield result


def _finder(truths: Mapping[Path, Names]) -> Callable[[Names], list[Path]]:
    """A look-up of the truths that share the exactest of some names."""
    table: dict[tuple[bool, int, str], list[Path]] = defaultdict(list)
    for truth, names in truths.items():
        for key in _keys(names):
            table[key].append(truth)
    return lambda names: next((table[key] for key in _keys(names) if key in table), [])


def _keys(names: Names) -> Iterator[tuple[bool, int, str]]:
    """What may be looked up, the exacter first: with the folders before it, and without."""
    yield from ((True, k, name) for k, name in enumerate(names))
    yield from ((False, k, PurePosixPath(name).name) for k, name in enumerate(names))


def _alike(guesses: Sequence[str], truths: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Names that belong together though they differ; either may have the word more."""
    yield from match_names(guesses, truths).items()
    yield from ((guess, truth) for truth, guess in match_names(truths, guesses).items())


def _folder(files: Iterable[Path]) -> Path:
    """The innermost folder that holds all files."""
    return Path(os.path.commonpath([file.parent for file in files]))
