"""Specs of volumes: MRI, CT and images brought to one orientation and spacing.

No axis is permuted for speed: spacing, patch, kernels and strides are all in right, anterior,
superior, so that a config can be read.
"""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import (
    Field,
    PositiveFloat,
    PositiveInt,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from volseg.config.common import Config, ModelSpec, TrainSpec
from volseg.config.spec import Spec
from volseg.data.volumes.channel import Channel, Normalize
from volseg.data.volumes.objects.truth import ObjectTruth
from volseg.errors import InputError


class ChannelSpec(Spec):
    """One channel of the images and how its intensities are brought to a common scale.

    ``zscore``: to mean 0 and deviation 1 of the image. ``nonzero``: the same over the voxels
    that are not 0, which stay 0. ``ct``: clipped to ``clip``, then shifted by ``mean`` and
    divided by ``std``, the same for every image. ``none``: as they are.
    """

    name: str
    normalize: Normalize = "zscore"
    clip: tuple[float, float] | None = None
    mean: float | None = None
    std: PositiveFloat | None = None

    @model_validator(mode="after")
    def _makes_a_channel(self) -> ChannelSpec:
        try:
            self.channel()
        except InputError as error:
            raise ValueError(error.message) from None
        return self

    def channel(self) -> Channel:
        """The normalisation this describes."""
        return Channel(self.normalize, self.clip, self.mean, self.std)


class ImageSpec(Spec):
    """The grid images are brought to.

    Axes run right, anterior, superior; those of a 2-D image down its rows, along its columns,
    and over its only slice.
    ``spacing`` is in millimetres (pixels where the file has no unit). A patch of one slice along
    one axis makes the network 2-D: it sees the slices across that axis. ``mirror`` names the
    axes along which a mirrored image is as likely as the image. ``skip_flat`` says whether flat
    parts of an image, such as air, are background and need not be looked at; left out, training
    finds out whether any class lies in one.
    """

    channels: tuple[ChannelSpec, ...] = Field(min_length=1)
    spacing: tuple[PositiveFloat, PositiveFloat, PositiveFloat]
    patch: tuple[PositiveInt, PositiveInt, PositiveInt]
    mirror: tuple[Literal[0, 1, 2], ...] = ()
    skip_flat: bool | None = None

    @model_validator(mode="after")
    def _has_two_axes(self) -> ImageSpec:
        if sum(side > 1 for side in self.patch) < 2:
            raise ValueError(f"patch: found {list(self.patch)}; wanted two sides above 1 at least")
        return self

    def normalization(self) -> tuple[Channel, ...]:
        """How each channel is normalised."""
        return tuple(channel.channel() for channel in self.channels)

    @property
    def axes(self) -> tuple[int, ...]:
        """The axes the network sees, two or three of (0, 1, 2)."""
        return tuple(axis for axis, side in enumerate(self.patch) if side > 1)


class VolumeDataSpec(Spec):
    """How the cases of a dataset are split: the folds, and whose cases stay together.

    ``groups`` is a CSV file of the dataset with columns ``case`` and ``group``; left out, cases of
    one person stay together where their names tell; ``cases`` splits them one by one, as nnU-Net
    does. ``splits`` is a JSON file of the dataset with the folds themselves, nnU-Net's
    ``splits_final.json``; the other two do not count then. ``objects`` says how the label files
    tell objects apart: ``ids``, one an object of the only thing class; ``thousands``, class times
    1000 and a number; ``file``, a second file a case, in a folder ``objects``; ``components``,
    what touches is one object.
    """

    folds: int = Field(default=5, ge=2)
    groups: str | None = None
    splits: str | None = None
    objects: ObjectTruth | None = None

    @model_serializer(mode="wrap")
    def _without_unset(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Without ``objects`` where there are none: so configs read as they did before."""
        values: dict[str, Any] = dump(self)
        return {
            key: value for key, value in values.items() if key != "objects" or value is not None
        }


class VolumeAugmentSpec(Spec):
    """Random changes of whole training batches; each is the chance of one, from 0 to 1."""

    rotate: float = Field(default=0.2, ge=0, le=1)
    scale: float = Field(default=0.2, ge=0, le=1)
    noise: float = Field(default=0.1, ge=0, le=1)
    blur: float = Field(default=0.1, ge=0, le=1)
    brightness: float = Field(default=0.15, ge=0, le=1)
    contrast: float = Field(default=0.15, ge=0, le=1)
    low_resolution: float = Field(default=0.1, ge=0, le=1)
    gamma: float = Field(default=0.3, ge=0, le=1)


class VolumeTrainSpec(TrainSpec):
    """How to train on patches of volumes."""

    foreground: float = Field(default=0.33, ge=0, le=1, description="share of patches on a class")
    augment: VolumeAugmentSpec = VolumeAugmentSpec()


class VolumeModelSpec(ModelSpec):
    """All that segmenting a volume needs besides weights; travels in the model file.

    ``largest`` names the classes of which only the largest component is kept.
    """

    kind: Literal["volume"] = "volume"
    images: ImageSpec
    largest: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _names_classes(self) -> Self:
        unknown = [name for name in self.largest if name not in self.labels.classes]
        if unknown:
            raise ValueError(f"largest: found {unknown[0]!r}; wanted names of labels.classes")
        return self

    @property
    def nd(self) -> int:
        """Number of axes the network sees."""
        return len(self.images.axes)

    @property
    def in_channels(self) -> int:
        """Number of channels of an image, which the network takes."""
        return len(self.images.channels)


class VolumeConfig(VolumeModelSpec, Config):
    """A whole training run on volumes."""

    data: VolumeDataSpec = VolumeDataSpec()
    train: VolumeTrainSpec = VolumeTrainSpec()

    @model_validator(mode="after")
    def _has_truth_of_objects(self) -> Self:
        if self.labels.label_map().learns_objects and self.data.objects is None:
            raise ValueError(
                "data.objects: missing; a class is grouped by centre or border, so say how the "
                "labels tell objects apart: ids, thousands, file or components"
            )
        return self

    def model_spec(self) -> VolumeModelSpec:
        """The part that travels with the weights."""
        return VolumeModelSpec(
            labels=self.labels,
            net=self.net,
            images=self.images,
            largest=self.largest,
            temperature=self.temperature,
        )
