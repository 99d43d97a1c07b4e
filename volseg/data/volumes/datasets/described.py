"""Datasets with a ``dataset.json``: Medical Segmentation Decathlon and nnU-Net."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from volseg.data.volumes.datasets.cases import Case, Dataset, Problem
from volseg.data.volumes.datasets.folders import pair_folders, volumes_in
from volseg.errors import InputError
from volseg.io.naming import naming
from volseg.io.volumes.description import read_description
from volseg.io.volumes.formats import volume_stem

DESCRIPTION = "dataset.json"


def read_described(path: Path) -> tuple[Dataset, list[Problem]]:
    """A dataset whose ``dataset.json``, or the one in its folder, names its channels and classes.

    Its cases are those it lists: nnU-Net's ``dataset``, or the Decathlon's ``training``, whose
    images may be one file a channel, named ``*_0000`` (nnU-Net 1). Where it lists none they
    are the files in ``imagesTr`` and ``labelsTr`` (nnU-Net 2).

    Raises:
        InputError: if the file is not what it should be, or a folder is missing.
    """
    path = path if path.name == DESCRIPTION else path / DESCRIPTION
    folder = path.parent
    said = read_description(path)
    with naming(path):
        names = said.get("channel_names", said.get("modality"))
        labels = said.get("labels")
        layout, (cases, problems) = _cases(folder, said)
        problems += _miscounted(path, said.get("numTraining"), len(cases))
        classes = {} if labels is None else _classes(labels, said.get("regions_class_order"))
    return Dataset(folder, layout, cases, _channels(names), **classes), problems


def _cases(
    folder: Path, said: Mapping[str, Any]
) -> tuple[str, tuple[tuple[Case, ...], list[Problem]]]:
    if isinstance(listed := said.get("dataset"), dict):
        return "nnU-Net", (tuple(_listed(folder, listed)), [])
    if "file_ending" not in said and isinstance(training := said.get("training"), list):
        return "Decathlon", _decathlon(folder, training)
    pair = folder / "imagesTr", folder / "labelsTr"
    return "nnU-Net", pair_folders(*pair, channels=True, ending=str(said.get("file_ending", "")))


def _miscounted(path: Path, said: object, there: int) -> Iterable[Problem]:
    if isinstance(said, int) and said != there:
        message = f"says numTraining {said}; {there} cases are there"
        remedy = "add those that are missing, or correct the number"
        yield Problem("", message, remedy, path, "warning")


def _listed(folder: Path, listed: Mapping[str, Any]) -> Iterable[Case]:
    for name, entry in listed.items():
        match entry:
            case {"images": [str(), *_] as images, "label": str(label)}:
                yield Case(name, tuple(folder / str(one) for one in images), folder / label)
            case _:
                raise InputError(
                    f"dataset: {name}: wanted {{'images': [file, ...], 'label': file}}"
                )


def _decathlon(folder: Path, training: Iterable[Any]) -> tuple[tuple[Case, ...], list[Problem]]:
    cases = []
    for entry in training:
        match entry:
            case {"image": str(image), "label": str(label)}:
                if not Path(image).name.startswith("._"):  # what macOS leaves in archives
                    files = _one_or_by_channel(folder / image)
                    cases.append(Case(volume_stem(image), files, folder / label))
            case _:
                raise InputError(f"training: found {entry!r:.80}; wanted an image and a label each")
    used = {file.resolve() for case in cases for file in (*case.images, case.label)}
    folders = {file.parent for case in cases for file in case.images if file.parent.is_dir()}
    spare = [one for of in sorted(folders) for one in volumes_in(of) if one.resolve() not in used]
    return tuple(cases), [
        Problem(
            volume_stem(path),
            "is not in the training list of dataset.json",
            "list it there, or leave it: it will not be used",
            path,
            "warning",
        )
        for path in spare
    ]


def _one_or_by_channel(image: Path) -> tuple[Path, ...]:
    stem = volume_stem(image)
    suffix = image.name[len(stem) :]
    if not image.exists():
        parts = sorted(image.parent.glob(f"{stem}_[0-9][0-9][0-9][0-9]{suffix}"))
        if parts:
            last = int(volume_stem(parts[-1])[-4:])
            return tuple(image.parent / f"{stem}_{n:04d}{suffix}" for n in range(last + 1))
    return (image,)


def _channels(names: object) -> tuple[str, ...] | None:
    """Channel names in order: of a list, or of a mapping from their numbers."""
    if isinstance(names, dict) and all(str(key).isdigit() for key in names):
        names = [names[key] for key in sorted(names, key=int)]
    return tuple(map(str, names)) if isinstance(names, list) and names else None


def _classes(labels: object, order: object) -> dict[str, Any]:
    """What `Dataset` says of classes, from ``{name: id or ids}`` or the Decathlon's ``{id: name}``.

    A class ``ignore`` counts nowhere. Regions are written as nnU-Net paints them: one after the
    other, each with its id of ``regions_class_order``; background is none of them.
    """
    if not isinstance(labels, dict) or not labels:
        raise InputError(f"labels: found {labels!r:.80}; wanted a name and an id for every class")
    if all(
        isinstance(name, str) and str(key).lstrip("-").isdigit() for key, name in labels.items()
    ):
        ids: dict[str, tuple[int, ...]] = {str(name): (int(key),) for key, name in labels.items()}
        if len(ids) < len(labels):
            raise InputError("labels: a name stands twice; give every class its own")
    else:
        ids = {str(name): _ids(name, one) for name, one in labels.items()}
    ignore = ids.pop("ignore", ())
    if all(len(one) == 1 for one in ids.values()):
        return {"classes": ids, "ignore": ignore}
    empty = {name: one for name, one in ids.items() if name == "background" or one == (0,)}
    regions = {name: one for name, one in ids.items() if name not in empty}
    if not isinstance(order, list) or len(order) != len(regions):
        raise InputError(
            f"regions_class_order: found {order!r:.80}; "
            f"wanted the id each of {', '.join(regions)} is written with"
        )
    for (name, held), first in zip(regions.items(), order, strict=True):
        if first not in held:
            raise InputError(
                f"regions_class_order: {first!r} is no id of {name}; wanted one of its"
            )
        regions[name] = (first, *(one for one in held if one != first))
    background = tuple(one for held in empty.values() for one in held)
    return {"classes": regions, "ignore": ignore, "overlap": True, "background": background}


def _ids(name: object, ids: object) -> tuple[int, ...]:
    many = ids if isinstance(ids, list) else [ids]
    if not many or any(isinstance(one, bool) or not isinstance(one, int) for one in many):
        raise InputError(f"labels: {name}: found {ids!r:.80}; wanted an integer, or a list of them")
    return tuple(dict.fromkeys(many))
