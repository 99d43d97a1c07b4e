"""From a dataset to a config that suits it and the machine."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import torch

from volseg.config import VolumeConfig
from volseg.data.volumes.checks.spacings import REMEDY, odd_spacing, usual_spacing
from volseg.data.volumes.datasets.cases import Dataset
from volseg.data.volumes.datasets.persons import groups_of, told_by_names
from volseg.data.volumes.objects.truth import ObjectTruth
from volseg.nn.receptive import receptive_field
from volseg.plan import defaults
from volseg.plan.detail import KEPT, coarser, detail_kept
from volseg.plan.draft import Draft, Machine
from volseg.plan.fingerprint import Fingerprint, Grid, read_fingerprint
from volseg.plan.fit import Budget, Fit, fit
from volseg.plan.grid import median_grid, mirror_axes, seen_axes, target_spacing
from volseg.plan.ladder import ladders
from volseg.plan.memory import default_budget
from volseg.plan.objects import ObjectPlan, plan_objects
from volseg.plan.pace import Pace, largest_in_time, with_pace
from volseg.plan.sides import exchanged, unmirrored
from volseg.plan.specs import channel_specs, label_spec
from volseg.progress import SILENT, Progress

MEASUREMENTS = 3
# Where a step took more than it may, the next one is planned this much below the budget.
MARGIN = 0.95


@dataclass(frozen=True)
class Plan:
    """A config and where it comes from.

    Attributes:
        config: config to train with.
        dataset: dataset to train on.
        facts: fingerprint of its cases.
        median: number of voxels of the median case at the config's spacing.
        budget: bytes and voxels that a step may take.
        expected: bytes that a step was estimated to take.
        measured: bytes that a step took.
        exchanged: axes that are not mirrored because that exchanges two classes, and those.
        objects: how objects are told apart, where the labels do.
        notes: what the user should know, a line each.
        pace: how far training comes in the minutes planned for; None where none were.
        kept: lowest Dice of a class that the config's coarser voxels keep of the truth; None
            where they are as fine as those of the cases.
    """

    config: VolumeConfig
    dataset: Dataset
    facts: Fingerprint
    median: Grid
    budget: Budget
    expected: int
    measured: int
    notes: tuple[str, ...]
    exchanged: dict[int, tuple[str, str]] = field(default_factory=dict)
    objects: ObjectPlan | None = None
    pace: Pace | None = None
    kept: float | None = None


def make_plan(
    dataset: Dataset,
    machine: Machine,
    *,
    nd: int | None = None,
    memory: int | None = None,
    minutes: float | None = None,
    objects: ObjectTruth | None = None,
    progress: Progress = SILENT,
) -> Plan:
    """Look at every case, choose by nnU-Net's rules, and measure one training step.

    Args:
        dataset: dataset whose training cases are planned for.
        machine: machine that training would run on.
        nd: axes the network sees; 2 for images of a single slice, else 3, if not given; with
            ``minutes`` whichever learns more in them.
        memory: bytes that training may take; most of what is free if not given.
        minutes: length of the run, whose network, patch and batch are chosen by steps that are
            timed; as if there were all the time in the world if not given.
        objects: how labels say which voxels are one object; found out if not given, where several
            cases show it.
        progress: told how many cases are read.

    Raises:
        InputError: if cases cannot be read or do not go together, a 3-D network is wanted for
            images of one slice, or no network fits the memory.
    """
    memory = default_budget(machine.device) if memory is None else memory
    facts = read_fingerprint(dataset, memory=memory, objects=objects, progress=progress)
    median = median_grid(facts, target_spacing(facts))
    budget = Budget.of(memory, machine.device, math.prod(median) * len(facts.frames))
    draft, swapped, things = _draft(dataset, facts, machine, nd)
    timed = kept = None
    if minutes is not None:
        drafts = [draft]
        if nd is None and len(draft.axes) == 3 and things is None:
            drafts = [_draft(dataset, facts, machine, 2)[0], draft]
        if things is None:
            drafts, kept = _and_coarser(drafts, dataset, facts)
        budget = budget.hurried()
        draft, timed = _in_time(drafts, machine, budget, minutes)
    fitted, measured = measured_fit(draft, machine, budget)
    config = draft.config(fitted.topology, fitted.batch)
    notes = _mixed(facts, len(draft.axes)) + _odd(facts) + _of_persons(dataset, facts)
    notes += [unmirrored(axis, pair) for axis, pair in sorted(swapped.items())]
    if measured > memory:
        notes.append(f"a step took {measured / 1e9:.2f} GB, more than it may; lower train.batch")
    if timed is not None:
        config = with_pace(config, timed)
        notes += _hurry(timed)
    if things is not None:
        with torch.device("meta"):
            notes += things.too_long(receptive_field(machine.build(config)))
    return Plan(
        config, dataset, facts, draft.median, budget, fitted.expected, measured, tuple(notes),
        swapped, things, timed, kept if draft.spacing != target_spacing(facts) else None,
    )  # fmt: skip


def _draft(
    dataset: Dataset, facts: Fingerprint, machine: Machine, nd: int | None
) -> tuple[Draft, dict[int, tuple[str, str]], ObjectPlan | None]:
    """What facts decide of a config, axes whose mirroring exchanges classes, and objects."""
    spacing = target_spacing(facts)
    median = median_grid(facts, spacing)
    axes = seen_axes(spacing, median, nd)
    labels, flat = label_spec(dataset, facts), 1 in median
    things = None
    if facts.objects is not None:
        known, channels = labels.label_map(), len(facts.intensities)
        things = plan_objects(dataset.cases, known, facts.objects, channels, spacing, axes)
        labels = things.label_spec(labels)
    classes = {name: spec.numbers for name, spec in labels.classes.items() if 0 not in spec.numbers}
    mirror = mirror_axes(axes, flat=flat, spacing=spacing)
    swapped = exchanged(classes, facts.moments, mirror, flat=flat)
    draft = Draft(
        labels=labels,
        channels=channel_specs(dataset, facts, len(axes)),
        spacing=spacing,
        median=median,
        axes=axes,
        mirror=tuple(axis for axis in mirror if axis not in swapped),
        width=defaults.FIRST_WIDTH[machine.device.type],
        folds=max(2, min(defaults.FOLDS, _units(dataset, facts))),
        objects=facts.objects,
    )
    return draft, swapped, things


def _units(dataset: Dataset, facts: Fingerprint) -> int:
    """Number of what is held out whole: persons or groups, or cases."""
    groups = groups_of(dataset)
    return len(facts.frames) if groups is None else len(set(groups.values()))


def _of_persons(dataset: Dataset, facts: Fingerprint) -> list[str]:
    groups, notes = groups_of(dataset), []
    if groups is not None and dataset.groups is None:
        notes.append(f"{told_by_names(groups)}: training holds a person out whole")
    if _units(dataset, facts) < 2:
        notes.append("there is nothing to hold out: add cases, or train on all (--fold all)")
    return notes


def _and_coarser(
    drafts: Sequence[Draft], dataset: Dataset, facts: Fingerprint
) -> tuple[list[Draft], float]:
    """Each draft after one in coarser voxels, where these keep the detail; the Dice they keep."""
    draft = drafts[0]
    spacing = coarser(draft.spacing, draft.median)
    kept = detail_kept(dataset.cases, draft.labels.label_map(), spacing)
    if kept < KEPT:
        return list(drafts), kept
    median = median_grid(facts, spacing)
    coarse = [replace(draft, spacing=spacing, median=median) for draft in drafts]
    return [draft for pair in zip(coarse, drafts, strict=True) for draft in pair], kept


def _in_time(
    drafts: Sequence[Draft], machine: Machine, budget: Budget, minutes: float
) -> tuple[Draft, Pace]:
    """The draft whose network learns most in some minutes, and how far it comes."""
    half = machine.half()

    def seconds(config: VolumeConfig) -> float:
        return machine.seconds(config, half=half)

    rung, timed = largest_in_time(ladders(drafts, machine, budget), minutes, seconds)
    return rung.draft, timed


def _hurry(timed: Pace) -> list[str]:
    """What the user should know where even the quickest network sees too little."""
    if timed.share >= 1:
        return []
    wanted = math.ceil(timed.minutes / timed.share)
    return [
        f"{timed.minutes:g} minutes hold {timed.steps:,} steps of the quickest network, which is "
        f"little: {wanted:,} minutes would do"
    ]


def _mixed(facts: Fingerprint, nd: int) -> list[str]:
    flat = sum(1 in frame.grid for frame in facts.frames)
    if not 0 < flat < len(facts.frames):
        return []
    return [
        f"{flat} of {len(facts.frames)} cases have one slice, the others more; "
        f"the plan is {nd}-D, as the median case"
    ]


def _odd(facts: Fingerprint) -> list[str]:
    usual = usual_spacing(facts.spacings.tolist())
    odd = [(frame.name, odd_spacing(frame.spacing, usual)) for frame in facts.frames]
    odd = [(name, message) for name, message in odd if message]
    if not odd:
        return []
    (name, message), many = odd[0], len(odd)
    more = f"; so are {many - 1} more, which `volseg check` lists" if many > 1 else ""
    return [f"{name}: {message}; {REMEDY}{more}"]


def measured_fit(draft: Draft, machine: Machine, budget: Budget) -> tuple[Fit, int]:
    """A fit, and the bytes that one of its steps takes; smaller where that was too much."""
    spacing = [draft.spacing[axis] for axis in draft.axes]
    sides = [draft.median[axis] for axis in draft.axes]
    half, price = machine.half(), draft.prices(machine)
    allowed = budget
    for _ in range(MEASUREMENTS):
        found = fit(spacing, sides, price, allowed)
        measured = machine.measure(draft.config(found.topology, found.batch), half=half)
        if measured <= budget.memory:
            break
        share = MARGIN * budget.memory / measured
        allowed = replace(budget, memory=int(share * found.expected))
    return found, measured
