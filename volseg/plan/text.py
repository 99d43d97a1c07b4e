"""A plan as YAML that says where every number comes from."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence

import yaml

from volseg.config import ChannelSpec, ClassSpec
from volseg.data.volumes.datasets.persons import groups_of, told_by_names
from volseg.geometry.labels import percent
from volseg.plan.fingerprint import Fingerprint
from volseg.plan.grid import thick_axis
from volseg.plan.objects import ENOUGH, Ceilings
from volseg.plan.planner import Plan
from volseg.plan.specs import MASKED
from volseg.plan.topology import LEAST_EDGE

WIDTH = 100
"""Characters a line; a comment that does not fit stands above."""

TRUTHS = {
    "ids": "every id of the labels is an object",
    "thousands": "ids of the labels are class * 1000 + number of an object",
    "file": "a second file a case numbers them",
    "components": "what touches is one object",
}

PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*( [A-Za-z0-9_-]+)*")


def to_yaml(plan: Plan) -> str:
    """The plan's config, commented; `load_config` gives the same config back."""
    parts = (_labels(plan), _images(plan), _net(plan), _data(plan), _train(plan))
    name, cases = plan.dataset.folder.resolve().name, len(plan.facts.frames)
    head = [
        f"# {_said(name)}: {cases} case{'' if cases == 1 else 's'} ({_said(plan.dataset.layout)}).",
        "# Made by 'volseg plan'; change what you like. 'volseg train' reads this file alone.",
    ]
    return "\n\n".join("\n".join(part) for part in (head, *parts)) + "\n"


def _labels(plan: Plan) -> Iterator[str]:
    labels = plan.config.labels
    yield "labels:"
    if labels.ignore:
        yield _line(2, f"ignore: {_list(labels.ignore)}", "ids that count nowhere")
    if labels.overlap:
        yield _line(2, "overlap: true", "the classes are regions that share ids")
    if labels.background:
        yield _line(2, f"background: {_list(labels.background)}", "ids in no region")
    yield _line(2, "classes:", "the ids of each in the label files; the first is written")
    for name, spec in labels.classes.items():
        share = plan.facts.share(spec.numbers)
        text = f"{_scalar(name)}: {{ ids: {_list(spec.numbers)}{_grouping(spec)} }}"
        yield _line(4, text, f"{percent(share)} of the voxels")
        if plan.objects is not None and name in plan.objects.ceilings:
            yield _comment(6, _reason(plan.objects.ceilings[name]))


def _grouping(spec: ClassSpec) -> str:
    """How objects of a class are told apart."""
    given = {"grouping": spec.grouping, "scale": spec.scale, "smallest": spec.smallest}
    return "".join(
        f", {key}: {value if isinstance(value, str) else _number(value)}"
        for key, value in given.items()
        if value is not None
    )


def _reason(known: Ceilings) -> str:
    """Why objects are grouped so, and what they are like."""
    low, median, high = known.sizes
    ceilings = ", ".join(f"{name} {quality:.2f}" for name, quality in known.quality.items())
    why = "the simplest" if known.quality[known.grouping] >= ENOUGH else "the best"
    return (
        f"PQ that is left if the network errs nowhere: {ceilings}; {known.grouping} is {why} "
        f"(enough: {ENOUGH:.2f}). {known.objects:,} objects of {low:,} to {high:,} voxels, the "
        f"median of {median:,}; {known.touching:.0%} touch another"
    )


def _images(plan: Plan) -> Iterator[str]:
    images = plan.config.images
    yield "# Axes run right, anterior, superior; those of a 2-D image down, along, over its slice."
    yield "images:"
    yield "  channels:"
    for channel in images.channels:
        yield _line(4, f"- {_channel(channel)}", _normalized(channel, plan.facts.zeros))
    yield _line(2, f"spacing: {_list(images.spacing)}", _spacing(plan.facts) + _coarser(plan))
    yield _line(2, f"patch: {_list(images.patch)}", _patch(plan))
    yield _line(2, f"mirror: {_list(images.mirror)}", _mirror(plan))


def _mirror(plan: Plan) -> str:
    mirror = plan.config.images.mirror
    alike = "left and right are alike" if mirror == (0,) else "a mirrored image is as likely"
    reasons = [alike] if mirror else []
    for axis, pair in sorted(plan.exchanged.items()):
        reasons.append(f"not axis {axis}, which would exchange {_said(' and '.join(pair))}")
    return "; ".join(reasons) or "the network does not see left and right"


def _spacing(facts: Fingerprint) -> str:
    said = f"{facts.unit}, median of the cases"
    if facts.unit == "pixels":
        said = "pixels: the files say nothing of millimetres"
    if (facts.spacings != facts.spacings[0]).any():
        ends = zip(facts.spacings.min(axis=0), facts.spacings.max(axis=0), strict=True)
        said += f" ({', '.join(f'{low:.4g} to {high:.4g}' for low, high in ends)})"
    thick = thick_axis(facts)
    return said if thick is None else f"{said}; along axis {thick}, of few slices, 10th percentile"


def _coarser(plan: Plan) -> str:
    """Why the voxels are coarser than those of the cases, if they are."""
    if plan.kept is None:
        return ""
    return (
        "; twice as coarse where they are fine, for the sake of time: truth brought there and back "
        f"keeps a Dice of {plan.kept:.3f} or more"
    )


def _patch(plan: Plan) -> str:
    median, axes = " x ".join(map(str, plan.median)), plan.config.images.axes
    if all(plan.config.images.patch[axis] >= plan.median[axis] for axis in axes):
        return f"voxels, the median image ({median}) padded to what the strides divide"
    limit = f"{plan.budget.memory / 1e9:.2f} GB"
    if plan.budget.voxels is not None:
        limit += f" and {plan.budget.voxels:,} voxels a step"
    return f"voxels, from the median image ({median}) down to what {limit} allow"


def _channel(channel: ChannelSpec) -> str:
    text = f"name: {_scalar(channel.name)}, normalize: {channel.normalize}"
    if channel.clip is not None and channel.mean is not None and channel.std is not None:
        text += f", clip: {_list(channel.clip)}"
        text += f", mean: {_number(channel.mean)}, std: {_number(channel.std)}"
    return f"{{ {text} }}"


def _normalized(channel: ChannelSpec, zeros: float) -> str:
    if channel.normalize == "ct":
        return "percentiles 0.5 and 99.5, mean and deviation of the labelled voxels"
    if channel.normalize == "none":
        return "as its name asks"
    if channel.normalize == "nonzero":
        return f"{zeros:.0%} of the median case is 0: images are masked"
    return f"image by image; {zeros:.0%} of the median case is 0 (nonzero: above {MASKED:.0%})"


def _net(plan: Plan) -> Iterator[str]:
    config, net = plan.config, plan.config.net
    yield "net:"
    yield _line(2, f"kind: {net.kind}", f"{config.nd}-D, as the patch")
    widths = f"channels a stage: doubled at every step, at most {max(net.widths)}"
    if plan.pace is not None:
        widths += f"; what learns enough in {plan.pace.minutes:g} minutes"
    yield _line(2, f"widths: {_list(net.widths)}", widths)
    yield _line(2, f"block: {net.block}", "two convolutions")
    yield _line(2, f"depth: {net.depth}", "blocks a stage")
    yield f"  norm: {net.norm}"
    yield f"  activation: {net.activation}"
    kernels = "voxels a side"
    if not isinstance(net.kernels, int):
        kernels = "1 along an axis until its voxels are less than twice the finest"
    yield _line(2, f"kernels: {_list(net.kernels)}", kernels)
    strides = f"halves the finer axes, while {LEAST_EDGE} cells remain"
    yield _line(2, f"strides: {_list(net.strides)}", strides)
    yield _line(2, f"supervised: {net.supervised}", "coarser stages that learn too")


def _data(plan: Plan) -> Iterator[str]:
    yield "data:"
    groups = None if plan.dataset.groups else groups_of(plan.dataset)
    if groups is not None:
        yield _comment(
            2, _said(f"{told_by_names(groups)} and are held out together; groups: cases splits "
            "case by case, groups: FILE.csv as you say")
        )  # fmt: skip
    units = "cases" if groups_of(plan.dataset) is None else "persons or groups"
    objects = plan.config.data.objects
    if objects is not None:
        yield _line(2, f"objects: {objects}", TRUTHS[objects])
    yield _line(
        2, f"folds: {plan.config.data.folds}", f"5, or the number of {units} if they are fewer"
    )


def _train(plan: Plan) -> Iterator[str]:
    train = plan.config.train
    took = (
        f"patches a step: expected {plan.expected / 1e9:.2f} GB, measured "
        f"{plan.measured / 1e9:.2f} GB, of {plan.budget.memory / 1e9:.2f} GB"
    )
    yield "train:"
    epochs, steps = "a default; --minutes fits the run to a time instead", "a default"
    if plan.pace is not None:
        epochs = (
            f"as many as {plan.pace.minutes:g} minutes hold, or --minutes {plan.pace.minutes:g}"
        )
        steps = f"each of {plan.pace.seconds:.2g} s, measured"
    yield _line(2, f"epochs: {train.epochs}", epochs)
    yield _line(2, f"steps: {train.steps}", f"batches an epoch, {steps}")
    yield _line(2, f"batch: {train.batch}", took)
    yield f"  optimizer: {train.optimizer}"
    yield f"  schedule: {train.schedule}"
    yield _line(2, f"learning_rate: {_number(train.learning_rate)}", "a default")
    yield _line(2, f"weight_decay: {_number(train.weight_decay)}", "a default")
    foreground = "share of the patches that are drawn around a class, nnU-Net's"
    yield _line(2, f"foreground: {_number(train.foreground)}", foreground)
    yield _line(2, f"loss: {{ kind: {train.loss.kind}, weights: null }}", "all classes alike")


def _line(indent: int, text: str, comment: str) -> str:
    """A line and its comment, which goes above where both are too long for one."""
    space = " " * indent
    whole = f"{space}{text} # {comment}"
    if len(whole) <= WIDTH:
        return whole
    return "\n".join((_comment(indent, comment), space + text))


def _comment(indent: int, comment: str) -> str:
    """Lines of their own."""
    start = " " * indent + "# "
    return "\n".join(textwrap.wrap(comment, WIDTH, initial_indent=start, subsequent_indent=start))


def _list(value: int | Sequence[object]) -> str:
    """``[1, [2, 3]]``; a number stays one."""
    if isinstance(value, int | float):
        return _number(value)
    return f"[{', '.join(_list(item) for item in value)}]"  # type: ignore[arg-type]


def _number(value: float) -> str:
    """As short as it goes without loss, in the form that YAML 1.1 takes for a number."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    mantissa, power, exponent = repr(value).partition("e")
    return mantissa + (".0" if power and "." not in mantissa else "") + power + exponent


def _scalar(text: str) -> str:
    """A name, in quotes where it might be taken for something else."""
    if PLAIN.fullmatch(text) and yaml.safe_load(text) == text:
        return text
    return str(yaml.safe_dump(text, default_style='"', width=10**9)).strip()


def _said(text: str) -> str:
    """A name fit for a comment: of one line and printable."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
