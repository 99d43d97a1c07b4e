"""From a dataset to a config that suits it and the machine."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

import torch
from torch import nn

from volseg.config import (
    ChannelSpec,
    ImageSpec,
    LabelSpec,
    LossSpec,
    NetSpec,
    VolumeConfig,
    VolumeDataSpec,
    VolumeModelSpec,
    VolumeTrainSpec,
)
from volseg.data.objects import head_channels
from volseg.data.volumes.checks.spacings import REMEDY, odd_spacing, usual_spacing
from volseg.data.volumes.datasets.cases import Dataset
from volseg.data.volumes.datasets.persons import groups_of, told_by_names
from volseg.data.volumes.objects.truth import ObjectTruth
from volseg.nn.receptive import receptive_field
from volseg.plan import defaults
from volseg.plan.fingerprint import Fingerprint, Grid, Spacing, read_fingerprint
from volseg.plan.fit import Budget, Fit, fit
from volseg.plan.grid import median_grid, mirror_axes, seen_axes, target_spacing
from volseg.plan.memory import Cost, cost, default_budget
from volseg.plan.objects import ObjectPlan, plan_objects
from volseg.plan.sides import exchanged, unmirrored
from volseg.plan.specs import channel_specs, label_spec
from volseg.plan.topology import Sizes, Topology
from volseg.progress import SILENT, Progress

MEASUREMENTS = 3
# Where a step took more than it may, the next one is planned this much below the budget.
MARGIN = 0.95


class Machine(Protocol):
    """Where training would run, and how networks are made there."""

    @property
    def device(self) -> torch.device:
        """What networks run on."""

    def build(self, spec: VolumeModelSpec) -> nn.Module:
        """The network a spec describes."""

    def half(self) -> bool:
        """Whether networks train in half precision."""

    def measure(self, config: VolumeConfig, *, half: bool) -> int:
        """Bytes that one step of training takes."""


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


def make_plan(
    dataset: Dataset,
    machine: Machine,
    *,
    nd: int | None = None,
    memory: int | None = None,
    objects: ObjectTruth | None = None,
    progress: Progress = SILENT,
) -> Plan:
    """Look at every case, choose by nnU-Net's rules, and measure one training step.

    Args:
        dataset: dataset whose training cases are planned for.
        machine: machine that training would run on.
        nd: axes the network sees; 2 for images of a single slice, else 3, if not given.
        memory: bytes that training may take; most of what is free if not given.
        objects: how labels say which voxels are one object; found out if not given, where several
            cases show it.
        progress: told how many cases are read.

    Raises:
        InputError: if cases cannot be read or do not go together, a 3-D network is wanted for
            images of one slice, or no network fits the memory.
    """
    memory = default_budget(machine.device) if memory is None else memory
    facts = read_fingerprint(dataset, memory=memory, objects=objects, progress=progress)
    spacing = target_spacing(facts)
    median = median_grid(facts, spacing)
    axes = seen_axes(spacing, median, nd)
    groups = groups_of(dataset)
    units = len(facts.frames) if groups is None else len(set(groups.values()))
    labels, flat = label_spec(dataset, facts), 1 in median
    things = None
    if facts.objects is not None:
        known, channels = labels.label_map(), len(facts.intensities)
        things = plan_objects(dataset.cases, known, facts.objects, channels, spacing, axes)
        labels = things.label_spec(labels)
    classes = {name: spec.numbers for name, spec in labels.classes.items() if 0 not in spec.numbers}
    mirror = mirror_axes(axes, flat=flat)
    swapped = exchanged(classes, facts.moments, mirror, flat=flat)
    draft = Draft(
        labels=labels,
        channels=channel_specs(dataset, facts, len(axes)),
        spacing=spacing,
        axes=axes,
        mirror=tuple(axis for axis in mirror if axis not in swapped),
        width=defaults.FIRST_WIDTH[machine.device.type],
        folds=max(2, min(defaults.FOLDS, units)),
        objects=facts.objects,
    )
    budget = Budget(
        memory=memory,
        voxels=defaults.CPU_STEP_VOXELS if machine.device.type == "cpu" else None,
        dataset=math.prod(median) * len(facts.frames),
    )
    fitted, measured = measured_fit(draft, median, machine, budget)
    notes = _mixed(facts, len(axes)) + _odd(facts)
    if groups is not None and dataset.groups is None:
        notes.append(f"{told_by_names(groups)}: training holds a person out whole")
    notes += [unmirrored(axis, pair) for axis, pair in sorted(swapped.items())]
    if units < 2:
        notes.append("there is nothing to hold out: add cases, or train on all (--fold all)")
    if measured > memory:
        notes.append(f"a step took {measured / 1e9:.2f} GB, more than it may; lower train.batch")
    config = draft.config(fitted.topology, fitted.batch)
    if things is not None:
        with torch.device("meta"):
            notes += things.too_long(receptive_field(machine.build(config)))
    return Plan(
        config, dataset, facts, median, budget, fitted.expected, measured, tuple(notes), swapped,
        things,
    )  # fmt: skip


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


@dataclass(frozen=True)
class Draft:
    """A config but for its patch, the network that fits it, and the batch."""

    labels: LabelSpec
    channels: tuple[ChannelSpec, ...]
    spacing: Spacing
    axes: tuple[int, ...]
    mirror: tuple[Literal[0, 1, 2], ...]
    width: int
    folds: int
    objects: ObjectTruth | None = None

    def config(self, found: Topology, batch: int) -> VolumeConfig:
        """The whole config."""
        x, y, z = (
            found.patch[self.axes.index(axis)] if axis in self.axes else 1 for axis in range(3)
        )
        return VolumeConfig(
            labels=self.labels,
            images=ImageSpec(
                channels=self.channels, spacing=self.spacing, patch=(x, y, z), mirror=self.mirror
            ),
            net=_net(found, self.width),
            data=VolumeDataSpec(folds=self.folds, objects=self.objects),
            train=_training(batch),
        )


def _net(found: Topology, width: int) -> NetSpec:
    widths = tuple(
        min(width * 2**level, defaults.LAST_WIDTH) for level in range(len(found.kernels))
    )
    return NetSpec(
        widths=widths,
        block=defaults.BLOCK,
        depth=defaults.DEPTH,
        norm=defaults.NORM,
        activation=defaults.ACTIVATION,
        kernels=_alike(found.kernels, 3),
        strides=_alike(found.strides, 2),
        supervised=min(defaults.SUPERVISED, len(widths) - 1),
    )


def _alike(sizes: tuple[Sizes, ...], usual: int) -> int | tuple[Sizes, ...]:
    """One number where all sizes are that."""
    return usual if all(set(axes) == {usual} for axes in sizes) else sizes


def _training(batch: int) -> VolumeTrainSpec:
    return VolumeTrainSpec(
        epochs=defaults.EPOCHS,
        steps=defaults.STEPS,
        batch=batch,
        optimizer=defaults.OPTIMIZER,
        schedule=defaults.SCHEDULE,
        learning_rate=defaults.LEARNING_RATE,
        weight_decay=defaults.WEIGHT_DECAY,
        foreground=defaults.FOREGROUND,
        loss=LossSpec(kind=defaults.LOSS, weights=None),
    )


def measured_fit(draft: Draft, median: Grid, machine: Machine, budget: Budget) -> tuple[Fit, int]:
    """A fit, and the bytes that one of its steps takes; smaller where that was too much."""
    spacing = [draft.spacing[axis] for axis in draft.axes]
    sides = [median[axis] for axis in draft.axes]
    half = machine.half()
    prices: dict[Topology, Cost] = {}
    outputs = head_channels(draft.labels.label_map(), len(draft.axes))

    def price(found: Topology) -> Cost:
        # What a voxel takes does not depend on the patch: one is enough.
        sample = replace(found, patch=tuple(8 * side for side in found.divisor))
        if sample not in prices:
            spec = draft.config(sample, defaults.LEAST_BATCH)
            with torch.device("meta"):
                net = machine.build(spec)
            prices[sample] = cost(
                net, len(draft.channels), outputs, spec.net.widths[0],
                sample.patch, half=half,
            )  # fmt: skip
        return prices[sample]

    allowed = budget
    for _ in range(MEASUREMENTS):
        found = fit(spacing, sides, price, allowed)
        measured = machine.measure(draft.config(found.topology, found.batch), half=half)
        if measured <= budget.memory:
            break
        share = MARGIN * budget.memory / measured
        allowed = replace(budget, memory=int(share * found.expected))
    return found, measured
