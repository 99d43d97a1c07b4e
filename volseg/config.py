"""Typed configs: YAML becomes a frozen, validated spec; a typo names the nearest key."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    PositiveInt,
    ValidationError,
    field_validator,
    model_validator,
)

from volseg.data.features import Feature
from volseg.errors import ConfigError, InputError
from volseg.geometry.labels import PALETTE, LabelClass, LabelMap, rgb


class Spec(BaseModel):
    """Base of every spec: frozen, finite, and no key it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


S = TypeVar("S", bound=Spec)


class ClassSpec(Spec):
    """One class: the raw ids that mean it (the first is written), and its colour."""

    ids: tuple[int, ...] = Field(min_length=1)
    colour: str | None = None

    @field_validator("colour")
    @classmethod
    def _is_a_colour(cls, colour: str | None) -> str | None:
        if colour is not None:
            try:
                rgb(colour)
            except InputError as error:
                raise ValueError(error.message) from None
        return colour


class LabelSpec(Spec):
    """The classes in training order, and the raw ids that count nowhere."""

    classes: dict[str, ClassSpec] = Field(min_length=1)
    ignore: tuple[int, ...] = ()

    @model_validator(mode="after")
    def _makes_a_map(self) -> LabelSpec:
        try:
            self.label_map()
        except InputError as error:
            raise ValueError(error.message) from None
        return self

    def label_map(self) -> LabelMap:
        """The label map this describes; classes without a colour get one of the palette's."""
        return LabelMap(
            tuple(
                LabelClass(name, one.ids, one.colour or PALETTE[number % len(PALETTE)])
                for number, (name, one) in enumerate(self.classes.items())
            ),
            self.ignore,
        )


class DataSpec(Spec):
    """Which files of the data folder to read, and which to keep for validation."""

    include: tuple[str, ...] = ("**/*",)
    validation: float | tuple[str, ...] = 0.2
    label_field: str | None = None

    @field_validator("validation")
    @classmethod
    def _is_a_share(cls, value: float | tuple[str, ...]) -> float | tuple[str, ...]:
        if isinstance(value, float) and not 0.0 <= value < 1.0:
            raise ValueError("wanted a share from 0 to 1, or a list of file names or patterns")
        return value


class VoxelSpec(Spec):
    """The grid scans are brought to: edge in metres, and what each voxel tells."""

    size: float = Field(gt=0)
    features: tuple[Feature, ...] = Field(default=("log_count", "offset", "height"), min_length=1)


class NetSpec(Spec):
    """The network: its kind and the widths of its stages."""

    kind: Literal["unet", "encoder_decoder"] = "unet"
    widths: tuple[PositiveInt, ...] = Field(default=(16, 32, 64, 96), min_length=1)
    block: Literal["plain", "residual"] = "residual"
    depth: int = Field(default=1, ge=1)


class LossSpec(Spec):
    """The loss; ``gamma`` is focal loss's focus, ``weights`` one number a class."""

    kind: Literal["focal", "cross_entropy"] = "focal"
    gamma: float = Field(default=2.0, ge=0)
    weights: Literal["balanced"] | tuple[NonNegativeFloat, ...] | None = "balanced"


class AugmentSpec(Spec):
    """Random changes of training crops; see `volseg.data.augment`."""

    rotate: bool = True
    flip: bool = True
    scale: float = Field(default=0.1, ge=0, lt=1)
    jitter: float = Field(default=0.01, ge=0)
    drop: float = Field(default=0.0, ge=0, lt=1)


class TrainSpec(Spec):
    """How long, on what crops, how fast to learn."""

    epochs: int = Field(default=20, ge=1)
    steps: int = Field(default=50, ge=1, description="batches an epoch")
    batch: int = Field(default=2, ge=1, description="crops a batch")
    crop: float = Field(default=30.0, gt=0, description="edge of a crop in metres")
    mixed: float = Field(default=0.0, ge=0, le=1, description="share of crops laid over another")
    learning_rate: float = Field(default=0.004, gt=0)
    weight_decay: float = Field(default=0.01, ge=0)
    loss: LossSpec = LossSpec()
    augment: AugmentSpec = AugmentSpec()


class ModelSpec(Spec):
    """All that prediction needs besides weights; travels in the model file."""

    labels: LabelSpec
    voxels: VoxelSpec
    net: NetSpec = NetSpec()


class Config(ModelSpec):
    """A whole training run."""

    data: DataSpec = DataSpec()
    train: TrainSpec = TrainSpec()
    seed: int = Field(default=0, ge=0)

    def model_spec(self) -> ModelSpec:
        """The part that travels with the weights."""
        return ModelSpec(labels=self.labels, voxels=self.voxels, net=self.net)


def load_config(name: str | Path, changes: Sequence[str] = ()) -> Config:
    """Read a config file or a preset, apply ``a.b=value`` changes, validate.

    Raises:
        ConfigError: naming the file, the key, what it holds and what was wanted.
    """
    path = find_config(name)
    values = _read_yaml(path)
    for change in changes:
        _apply(values, change)
    return _validate(Config, values, path)


def load_label_map(path: Path) -> LabelMap:
    """Read a label map from a YAML file that holds one, alone or in a whole config."""
    values = _read_yaml(path)
    labels = values.get("labels", values)
    return _validate(LabelSpec, labels, path).label_map()


def find_config(name: str | Path) -> Path:
    """A config file as given, or the preset of that name (``lidar/oakland``)."""
    given = Path(name)
    if given.is_file():
        return given
    folder = presets()
    wanted = given.relative_to("configs") if given.parts[:1] == ("configs",) else given
    preset = folder / wanted.parent / f"{wanted.name.removesuffix('.yaml')}.yaml"
    if not given.is_absolute() and preset.is_file():
        return preset
    known = sorted(str(one.relative_to(folder).with_suffix("")) for one in folder.rglob("*.yaml"))
    raise ConfigError(f"no such file or preset; presets are {', '.join(known)}", path=given)


def presets() -> Path:
    """The folder of presets: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parent
    inside = package / "configs"
    return inside if inside.is_dir() else package.parent / "configs"


def validate_model_spec(values: Any, path: Path) -> ModelSpec:
    """The spec a model file carries."""
    return _validate(ModelSpec, values, path)


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError("no such file", path=path) from None
    except (yaml.YAMLError, ValueError, OSError) as error:
        line = " ".join(str(error).split())
        raise ConfigError(f"not readable as YAML: {line}", path=path) from None
    if not isinstance(values, dict):
        raise ConfigError("holds no keys; wanted a YAML mapping", path=path)
    return values


def _apply(values: dict[str, Any], change: str) -> None:
    key, equals, text = change.partition("=")
    if not equals or not key:
        raise ConfigError(f"--set {change!r} is not of the form a.b=value")
    *parents, last = key.strip().split(".")
    for parent in parents:
        values = values.setdefault(parent, {})
        if not isinstance(values, dict):
            raise ConfigError(f"--set {change!r}: {parent!r} holds a value, not keys")
    try:
        values[last] = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):
        raise ConfigError(f"--set {change!r}: the value is not readable as YAML") from None


def _validate(spec: type[S], values: Any, path: Path) -> S:
    try:
        return spec.model_validate(values)
    except ValidationError as error:
        raise ConfigError("; ".join(_complaints(error, spec)), path=path) from None


def _complaints(error: ValidationError, spec: type[Spec]) -> Iterator[str]:
    for one in error.errors():
        keys = [str(key) for key in one["loc"]]
        where = ".".join(keys) or "top level"
        if one["type"] == "extra_forbidden":
            known = _keys_at(spec, keys[:-1])
            near = difflib.get_close_matches(keys[-1], known, n=1, cutoff=0.0)
            yield f"{where}: unknown key; did you mean {near[0]!r}? (known: {', '.join(known)})"
        elif one["type"] == "missing":
            yield f"{where}: missing; the config must give it"
        else:
            wanted = one["msg"].removeprefix("Value error, ")
            found = "" if isinstance(one["input"], dict) else f"found {one['input']!r}; "
            yield f"{where}: {found}{wanted[:1].lower()}{wanted[1:]}"


def _keys_at(spec: type[Spec], keys: Sequence[str]) -> list[str]:
    """The keys a spec knows at a place; a key of a mapping (a class's name) is passed over."""
    for key in keys:
        field = spec.model_fields.get(key)
        if field is None:
            continue
        inner = [field.annotation, *getattr(field.annotation, "__args__", ())]
        specs = [one for one in inner if isinstance(one, type) and issubclass(one, Spec)]
        spec = specs[0] if specs else spec
    return list(spec.model_fields)
