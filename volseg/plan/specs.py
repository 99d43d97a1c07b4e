"""Labels and channels of a config, from what a dataset says and holds."""

from __future__ import annotations

import re

from volseg.config import ChannelSpec, ClassSpec, LabelSpec
from volseg.data.volumes.datasets.cases import Dataset
from volseg.data.volumes.datasets.classes import background_first, named
from volseg.errors import InputError
from volseg.plan.fingerprint import Fingerprint, Intensity
from volseg.plan.grid import rounded

# Images with more zeros than this are masked: what is outside was set to 0.
MASKED = 0.25
CT_DIGITS = 4


def label_spec(dataset: Dataset, facts: Fingerprint) -> LabelSpec:
    """The dataset's classes, background first; those its files hold where it names none.

    Voxels of 0 that it does not name become the background.

    Raises:
        InputError: if the label files hold another id that it does not name.
    """
    found = set(facts.counts) - set(dataset.ignore)
    classes = named(found) if dataset.classes is None else dict(dataset.classes)
    if facts.objects == "ids" and dataset.classes is None:
        classes = {"background": (0,), "object": (1,)}
    known = {raw for ids in classes.values() for raw in ids} | set(dataset.background)
    unknown = found - known - {0}
    if unknown:
        raise InputError(
            f"the labels hold {', '.join(map(str, sorted(unknown)))}, which no class has; "
            "name them, or run 'volseg check' to see where they are",
            path=dataset.folder,
        )
    if 0 in found - known and not dataset.overlap:
        classes = {_free("background", classes): (0,)} | classes
    if not dataset.overlap:
        classes = background_first(classes)
    return LabelSpec(
        classes={
            name: ClassSpec(ids=ids, thing=True if facts.things.intersection(ids) else None)
            for name, ids in classes.items()
        },
        ignore=dataset.ignore,
        overlap=dataset.overlap,
        background=dataset.background,
    )


def _free(name: str, taken: dict[str, tuple[int, ...]]) -> str:
    return name if name not in taken else _free(f"{name}_0", taken)


def channel_specs(dataset: Dataset, facts: Fingerprint, nd: int) -> tuple[ChannelSpec, ...]:
    """How each channel is normalised.

    A channel called CT has intensities that mean the same everywhere: clipped to the
    foreground's percentiles 0.5 and 99.5, and scaled by its mean and deviation. Others are
    scaled image by image; inside the nonzero region where volumes are masked.

    Raises:
        InputError: if the dataset names another number of channels than its files have.
    """
    many = len(facts.intensities)
    names = dataset.channels or tuple(f"channel_{n}" for n in range(many))
    if dataset.channels is None and many == 1:
        names = ("image",)
    if len(names) != many:
        raise InputError(
            f"{len(names)} channels are named ({', '.join(names)}), the images have {many}; "
            "correct the names",
            path=dataset.folder,
        )
    masked = nd == 3 and facts.zeros > MASKED
    return tuple(
        _channel(name, intensity, masked)
        for name, intensity in zip(names, facts.intensities, strict=True)
    )


def _channel(name: str, intensity: Intensity, masked: bool) -> ChannelSpec:
    words = re.findall(r"[a-z]+", name.lower())
    if "ct" in words and intensity.low < intensity.high:
        low, high, mean, std = (
            rounded(value, CT_DIGITS)
            for value in (intensity.low, intensity.high, intensity.mean, intensity.std)
        )
        return ChannelSpec(name=name, normalize="ct", clip=(low, high), mean=mean, std=std)
    if "".join(words) == "nonorm":  # nnU-Net's name for leaving intensities alone
        return ChannelSpec(name=name, normalize="none")
    return ChannelSpec(name=name, normalize="nonzero" if masked else "zscore")
