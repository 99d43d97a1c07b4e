"""Specs of scans: point clouds brought to a grid of voxels."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, PlainSerializer, field_validator, model_validator

from volseg.config.common import Config, ModelSpec, TrainSpec
from volseg.config.spec import Spec
from volseg.data.scans.features import Feature, channels, parse_features

FeatureText = Annotated[
    Feature,
    BeforeValidator(lambda value: Feature.parse(value) if isinstance(value, str) else value),
    PlainSerializer(str),
]
"""A feature, in YAML a word: ``height``, or ``intensity?`` where scans may lack it."""

USUAL_FEATURES = parse_features("log_count", "offset", "height")


class ScanDataSpec(Spec):
    """Which files of the data folder to read, and which to keep for validation.

    ``meanings`` says what ids mean in files that match a pattern, where that is not what
    ``labels`` says: a class, one of several classes, or with an empty list nothing. ``crs`` or
    ``units`` stand in for the coordinate system that files name, or for one that they lack, and
    ``columns`` for the names of columns of text. Points that a file withholds or calls noise are
    left out unless ``noise`` has them, or 7 or 18, which LAS calls noise, is an id of a class.
    Crops are drawn from files that match a pattern of ``repeat`` as if they were there so many
    times: few labelled tiles beside many that were generated. With ``ignore_loose`` points of
    things that are of no object count nowhere: truth that marks some objects of many.
    """

    include: tuple[str, ...] = ("**/*",)
    validation: float | tuple[str, ...] = 0.2
    label_field: str | None = None
    columns: tuple[str, ...] | None = None
    crs: str | None = None
    units: Literal["m", "ft", "us-ft"] | None = None
    meanings: dict[str, dict[int, tuple[str, ...]]] = Field(default_factory=dict)
    repeat: dict[str, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)
    noise: bool = False
    ignore_loose: bool = False

    @field_validator("validation")
    @classmethod
    def _is_a_share(cls, value: float | tuple[str, ...]) -> float | tuple[str, ...]:
        if isinstance(value, float) and not 0.0 <= value < 1.0:
            raise ValueError("wanted a share from 0 to 1, or a list of file names or patterns")
        return value


class VoxelSpec(Spec):
    """The grid scans are brought to: edge in metres, and what each voxel tells."""

    size: float = Field(gt=0)
    features: tuple[FeatureText, ...] = Field(default=USUAL_FEATURES, min_length=1)

    @field_validator("features")
    @classmethod
    def _tells_a_thing_once(cls, value: tuple[Feature, ...]) -> tuple[Feature, ...]:
        if len({feature.name for feature in value}) < len(value):
            raise ValueError(f"wanted every feature once, got {', '.join(map(str, value))}")
        return value


class ScanAugmentSpec(Spec):
    """Random changes of training crops; see `volseg.data.scans.augment`."""

    rotate: bool = True
    flip: bool = True
    scale: float = Field(default=0.1, ge=0, lt=1)
    jitter: float = Field(default=0.01, ge=0)
    drop: float = Field(default=0.0, ge=0, lt=1)
    forget: float = Field(default=0.0, ge=0, le=1)
    doubt: float = Field(default=0.0, ge=0, le=1)
    slope: float = Field(default=0.0, ge=0)


class ScanTrainSpec(TrainSpec):
    """How to train on crops of scans."""

    crop: float = Field(default=30.0, gt=0, description="edge of a crop in metres")
    mixed: float = Field(default=0.0, ge=0, le=1, description="share of crops laid over another")
    swapped: float = Field(
        default=0.0, ge=0, le=1, description="share of crops that get a sector of another"
    )
    augment: ScanAugmentSpec = ScanAugmentSpec()

    @model_validator(mode="after")
    def _shares_add_up(self) -> Self:
        if self.mixed + self.swapped > 1:
            raise ValueError("wanted mixed and swapped to add up to 1 at most")
        return self


class ScanModelSpec(ModelSpec):
    """All that segmenting a scan needs besides weights; travels in the model file."""

    kind: Literal["scan"] = "scan"
    voxels: VoxelSpec

    @model_validator(mode="after")
    def _has_one_output(self) -> Self:
        if self.net.supervised:
            raise ValueError("net.supervised is for volumes; leave it out")
        bordered = [
            name for name, entry in self.labels.classes.items() if entry.grouping == "border"
        ]
        if bordered:
            raise ValueError(
                f"labels.classes.{bordered[0]}.grouping: border is for images and volumes; wanted "
                "centre or components"
            )
        return self

    @property
    def nd(self) -> int:
        """Number of axes the network sees."""
        return 3

    @property
    def in_channels(self) -> int:
        """Number of values of a voxel that the network takes."""
        return channels(self.voxels.features)


class ScanConfig(ScanModelSpec, Config):
    """A whole training run on scans."""

    data: ScanDataSpec = ScanDataSpec()
    train: ScanTrainSpec = ScanTrainSpec()

    @model_validator(mode="after")
    def _means_known_classes(self) -> Self:
        meant = {
            name for ids in self.data.meanings.values() for names in ids.values() for name in names
        }
        unknown = sorted(meant - self.labels.classes.keys())
        if unknown:
            raise ValueError(
                f"data.meanings: {', '.join(unknown)} is no class; "
                f"wanted names of labels.classes ({', '.join(self.labels.classes)})"
            )
        return self

    def model_spec(self) -> ScanModelSpec:
        """The part that travels with the weights."""
        return ScanModelSpec(
            labels=self.labels, voxels=self.voxels, net=self.net, temperature=self.temperature
        )
