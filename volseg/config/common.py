"""Specs that every kind of data shares: labels, network, loss, length of training."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    NonNegativeFloat,
    PositiveFloat,
    PositiveInt,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
    model_validator,
)

from volseg.config.loss import LossSpec
from volseg.config.net import NetSpec
from volseg.config.spec import Spec
from volseg.errors import InputError
from volseg.geometry.class_colours import class_colours
from volseg.geometry.colours import rgb
from volseg.geometry.labels import IGNORE, Grouping, LabelClass, LabelMap, VoteAxes

REST = "rest"
"""Stands among raw ids for all that are named nowhere else."""


def _listed(ids: object) -> object:
    """One id may stand without brackets; colours are the numbers that pictures are read as."""
    many = (ids,) if isinstance(ids, int | str) else ids
    return tuple(map(_number, many)) if isinstance(many, list | tuple) else many


def _number(one: object) -> object:
    if not _is_colour(one):
        return one
    try:
        red, green, blue = rgb(str(one))
    except InputError as error:
        raise ValueError(error.message) from None
    return red << 16 | green << 8 | blue


def _is_colour(one: object) -> bool:
    return isinstance(one, str) and one.startswith("#")


Ids = Annotated[tuple[int | Literal["rest"], ...], BeforeValidator(_listed)]


def _numbers(ids: Ids) -> tuple[int, ...]:
    return tuple(value for value in ids if isinstance(value, int))


OF_OBJECTS = ("thing", "grouping", "radius", "scale", "min_points", "smallest", "axes")
"""Keys of a class that say how its objects are told apart."""


class ClassSpec(Spec):
    """One class: the raw ids that mean it, the id it is written with, and its colour.

    Masks that are pictures in colours have these as ids: ``"#FF0000"``, with ``write`` for the id
    of predictions. ``rest`` among the ids stands for all that no class names and nothing else does.
    Without ``write`` the first id is written. With ``thing`` or a ``grouping`` the class has
    objects; for points ``radius`` says how near two of one component are, in metres, and
    ``min_points`` how many an object has at least. ``scale`` is the length that ways to centres are
    counted in, ``smallest`` the size of the smallest object, in square or cubic units of the
    spacing; training measures both if not given. ``axes: xy`` has the ways of upright things lead
    to their centres in plan.
    """

    ids: Ids = Field(min_length=1)
    write: int | None = None
    colour: str | None = None
    thing: bool | None = None
    grouping: Grouping | None = None
    radius: PositiveFloat | None = None
    scale: PositiveFloat | None = None
    min_points: PositiveInt | None = None
    smallest: NonNegativeFloat | None = None
    axes: VoteAxes | None = None

    @model_serializer(mode="wrap")
    def _without_unset(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Of objects only what was set: so a config reads as it did before classes had any."""
        unset = {key for key in OF_OBJECTS if getattr(self, key) is None}
        return {key: value for key, value in dump(self).items() if key not in unset}

    @model_validator(mode="after")
    def _is_stuff_or_thing(self) -> Self:
        if self.thing is False and self.grouping is not None:
            raise ValueError(
                f"grouping: {self.grouping} of a class with thing: false; leave one of them out"
            )
        return self

    @model_validator(mode="before")
    @classmethod
    def _says_what_colours_are_written_as(cls, values: Any) -> Any:
        ids = values.get("ids", ()) if isinstance(values, dict) else ()
        some = ids if isinstance(ids, list | tuple) else (ids,)
        if some and all(map(_is_colour, some)) and values.get("write") is None:
            raise ValueError("ids: colours say no id to write; add one, such as write: 1")
        return values

    @model_validator(mode="after")
    def _is_written(self) -> Self:
        if self.write is None and not _numbers(self.ids):
            raise ValueError("ids: rest says no id to write; add one, such as write: 1")
        return self

    def of_objects(self) -> dict[str, Any]:
        """What a `LabelClass` says of its objects beside that it has any, None where unset."""
        return {key: getattr(self, key) for key in OF_OBJECTS if key != "thing"}

    @property
    def numbers(self) -> tuple[int, ...]:
        """The raw ids, that which is written first."""
        ids = _numbers(self.ids)
        return ids if self.write is None else (self.write, *(i for i in ids if i != self.write))

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
    """The classes in training order, and the raw ids that count nowhere.

    ``rest``, in one class or in ``ignore``, stands for every id named nowhere. With ``overlap``
    classes are regions that may share ids, and ids of ``background`` are in none; a voxel is
    written as the last region that holds it, with that region's first id.
    """

    classes: dict[str, ClassSpec] = Field(min_length=1)
    ignore: Ids = ()
    overlap: bool = False
    background: tuple[int, ...] = ()

    @model_validator(mode="after")
    def _makes_a_map(self) -> LabelSpec:
        try:
            self.label_map()
        except InputError as error:
            raise ValueError(error.message) from None
        return self

    def label_map(self) -> LabelMap:
        """The label map this describes; classes without a colour get one of their own."""
        colours = class_colours([(name, entry.colour) for name, entry in self.classes.items()])
        holders = [k for k, entry in enumerate(self.classes.values()) if REST in entry.ids]
        holders += [IGNORE] if REST in self.ignore else []
        if len(holders) > 1:
            raise InputError("'rest' stands twice in the label map; wanted one place for it")
        return LabelMap(
            tuple(
                LabelClass(name, entry.numbers, colour, bool(entry.thing), **entry.of_objects())
                for (name, entry), colour in zip(self.classes.items(), colours, strict=True)
            ),
            _numbers(self.ignore),
            overlap=self.overlap,
            background=self.background,
            rest=holders[0] if holders else None,
        )


class TrainSpec(Spec):
    """How long, how many at a time, how fast to learn."""

    epochs: int = Field(default=20, ge=1)
    steps: int = Field(default=50, ge=1, description="batches an epoch")
    batch: int = Field(default=2, ge=1, description="crops or patches a batch")
    optimizer: Literal["adamw", "sgd"] = "adamw"
    schedule: Literal["one_cycle", "poly"] = "one_cycle"
    learning_rate: float = Field(default=0.004, gt=0)
    weight_decay: float = Field(default=0.01, ge=0)
    pretrained: str | None = Field(
        default=None, description="model to start from: a run folder, a file, a bundled name"
    )
    loss: LossSpec = LossSpec()


class ModelSpec(Spec, ABC):
    """What every model file says besides its weights; its kinds add a ``kind`` of their own.

    Logits are divided by ``temperature`` where it matters how sure they are; training fits it on
    what it held out.
    """

    labels: LabelSpec
    net: NetSpec = NetSpec()
    temperature: float = Field(default=1.0, gt=0, allow_inf_nan=False)

    @model_serializer(mode="wrap")
    def _without_unfitted(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Without a ``temperature`` of 1: so models and configs read as they did before."""
        values: dict[str, Any] = dump(self)
        return {key: one for key, one in values.items() if key != "temperature" or one != 1}


class Config(ModelSpec):
    """A whole training run; each kind of data has its own."""

    train: TrainSpec
    seed: int = Field(default=0, ge=0)

    @abstractmethod
    def model_spec(self) -> ModelSpec:
        """The part that travels with the weights."""
