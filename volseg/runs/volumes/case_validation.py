"""Validation on whole volumes, after training."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.config import VolumeConfig
from volseg.data.volumes.cache import read_labelled
from volseg.data.volumes.datasets.dataset import Case
from volseg.data.volumes.objects.truth import ObjectTruth, split_truth
from volseg.evaluate.volumes.dice import case_dice
from volseg.evaluate.volumes.pairs import VALIDATION
from volseg.evaluate.volumes.scores import class_confusions
from volseg.geometry.labels import LabelMap
from volseg.io.atomic import make_folder, write_files
from volseg.io.tables import csv_text
from volseg.io.volumes.files import read_label_volume, write_label_volume
from volseg.io.volumes.formats import label_suffix
from volseg.metrics.means import mean_known, mean_over
from volseg.models.load import load_volume_model, save_model
from volseg.models.tensors import find_model, load_tensors
from volseg.predict.volumes.components import gains_surely, keep_largest
from volseg.predict.volumes.model import VolumeModel
from volseg.progress import Validation
from volseg.runs.calibration import calibrate
from volseg.runs.request import TrainRequest
from volseg.runs.volumes.logit_samples import LogitSamples
from volseg.train.distributed import gathered, own, summed

SCORES = "dice.csv"


def is_validated(out: Path) -> bool:
    """Whether the model of a run folder was scored on whole cases since it was written."""
    scores = out / VALIDATION / SCORES
    return scores.exists() and scores.stat().st_mtime_ns >= find_model(out).stat().st_mtime_ns


def validate_cases(
    config: VolumeConfig,
    request: TrainRequest,
    cases: Sequence[Case],
    strangers: Mapping[str, str],
) -> None:
    """Segment held-out cases whole, as `predict` does, and score them on their own voxels.

    The predictions and ``dice.csv`` go to ``validation`` in the run folder. Classes that surely
    gain when only their largest component is kept (`gains_surely`) are noted in the model beside
    the config's own, so that `predict` keeps that alone, as the predictions written here do. Each
    process segments its share of the cases.

    Args:
        config: Config of the run.
        request: Folder of the run, the processes that share the cases, and who hears the scores.
        cases: Cases that were held out.
        strangers: The person of those cases whose person did not train.
    """
    out, accelerator, progress = request.out, request.accelerator, request.progress
    file = find_model(out)
    # An earlier validation may have noted classes; this one chooses anew.
    trained = load_volume_model(file, accelerator.device.type, net=request.net)
    model = replace(trained, largest=config.largest)
    labels = model.labels
    make_folder(out / VALIDATION)
    mine = own(len(cases), accelerator)
    dice = np.zeros((3, len(cases), len(labels)))
    samples = LogitSamples(labels, len(cases))
    for number in mine:
        progress.work("validating whole cases", number, len(cases))
        dice[:, number] = _segment_case(model, cases[number], out, config.data.objects, samples)
    plain, alone, in_truth = summed(dice, accelerator)
    pairs = zip(labels.classes, (alone - plain).T, strict=True)
    better = tuple(
        entry.name
        for entry, gains in pairs
        if not entry.thing and gains_surely(_by_person(cases, gains, strangers))
    )
    scores = plain
    if better:
        cleaned = np.zeros_like(plain)
        for number in mine:
            cleaned[number] = _clean(labels, better, cases[number], out)
        scores = summed(cleaned, accelerator)
    heard = samples.rows()
    logits, known = gathered(heard[0], accelerator), gathered(heard[1], accelerator)
    if accelerator.is_main_process:
        largest = (*config.largest, *better)
        spec = config.model_spec().model_copy(update={"largest": largest})
        weights, header = load_tensors(file)
        save_model(file, spec, weights, header["provenance"])
        calibrate(file, logits, known, samples.classes, progress)
        _write_scores(out / VALIDATION / SCORES, [one.name for one in cases], labels, scores)
        progress.validated(_summary(labels, scores, in_truth.any(axis=0)), largest)


def _by_person(
    cases: Sequence[Case], gains: NDArray[np.float64], strangers: Mapping[str, str]
) -> dict[str, list[float]]:
    """The gains of every stranger's cases, without those that lack the class."""
    found: dict[str, list[float]] = {}
    for case, gain in zip(cases, gains.tolist(), strict=True):
        if case.name in strangers and not math.isnan(gain):
            found.setdefault(strangers[case.name], []).append(gain)
    return found


def _segment_case(
    model: VolumeModel, case: Case, out: Path, objects: ObjectTruth | None, samples: LogitSamples
) -> list[NDArray[Any]]:
    """Write a case's prediction.

    Returns:
        Dice (K,) as it is, and with largest components alone, and which classes the truth has.
    """
    image, truth = read_labelled(case, len(model.channels))
    true = truth.array[0]
    if objects in ("ids", "thousands"):
        true, _ = split_truth(true, model.labels, objects)
    predicted = model.label(image, hear=samples.of_case(true, image))
    write_label_volume(_target(out, case), predicted, like=case.images[0], overwrite=True)
    ids = model.labels.encode(true)
    return [
        case_dice(model.labels, true, predicted),
        _dice_of_largest(model.labels, true, predicted),
        np.array(
            [
                (ids[k] > 0 if model.labels.overlap else ids == k).any()
                for k in range(len(model.labels))
            ]
        ),
    ]


def _target(out: Path, case: Case) -> Path:
    return out / VALIDATION / f"{case.name}{label_suffix(case.images[0])}"


def _clean(labels: LabelMap, classes: Sequence[str], case: Case, out: Path) -> NDArray[np.float64]:
    """Keep the largest component of some classes in a prediction's file; its Dice then, (K,)."""
    predicted = np.array(read_label_volume(_target(out, case)).array[0])
    for one in labels.classes:
        if one.name in classes:
            keep_largest(predicted, one.ids, labels.nothing)
    write_label_volume(_target(out, case), predicted, like=case.images[0], overwrite=True)
    return case_dice(labels, read_label_volume(case.label, colours=True).array[0], predicted)


def _dice_of_largest(
    labels: LabelMap, truth: NDArray[Any], predicted: NDArray[Any]
) -> NDArray[np.float64]:
    """Dice of every class when only its largest component is kept, float64 (K,)."""
    wanted = labels.encode(truth)
    dice = []
    for number, one in enumerate(labels.classes):
        kept = predicted.copy()
        if labels.overlap or number > 0:
            keep_largest(kept, one.ids, labels.nothing)
        counted = class_confusions(labels, wanted, labels.encode(kept))[number]
        dice.append(counted.scores().dice[1])
    return np.array(dice)


def _summary(
    labels: LabelMap, scores: NDArray[np.float64], in_truth: NDArray[np.bool_]
) -> Validation:
    """The mean over cases of every class's Dice, and over classes that the truth has.

    The second is without the background.
    """
    means = [mean_known(column) for column in scores.T.tolist()]
    mean = mean_over(np.array(means[labels.first :]), in_truth[labels.first :])
    return Validation("Dice", mean, dict(zip(labels.names, means, strict=True)))


def _write_scores(
    path: Path, cases: Sequence[str], labels: LabelMap, scores: NDArray[np.float64]
) -> None:
    rows = ((name, *row) for name, row in zip(cases, scores.tolist(), strict=True))
    table = csv_text(("case", *labels.names), rows, "\r\n")
    write_files({path: table.encode()}, overwrite=True)
