"""What is said about a bundled model, by hand and by measurement."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Self

from pydantic import Field

from volseg.config import Spec

FILL = "FILL"
"""Stands in a text where something is still to be written; no bundled model has any."""


class DataSource(Spec):
    """Data a model was trained on; ``credit`` is the attribution its licence asks for."""

    name: str
    licence: str
    url: str | None = None
    credit: str | None = None
    used: str


class ModelCard(Spec):
    """What somebody wrote about a model; the rest of its card is read from its weights' file.

    ``command`` retrains it, ``fails`` says where it is wrong.
    """

    summary: str
    licence: str
    data: tuple[DataSource, ...] = Field(min_length=1)
    split: str
    command: str
    fails: tuple[str, ...] = Field(min_length=1)

    @property
    def unfilled(self) -> bool:
        """Whether something is still to be written."""
        return FILL in self.model_dump_json()


class Figures(Spec):
    """Scores of one class; None where not defined."""

    iou: float | None
    precision: float | None
    recall: float | None
    support: int


class Measured(Spec):
    """Scores of the very weights they are kept with, and the scans they were measured on."""

    on: str
    classes: dict[str, Figures]
    mean_iou: float | None
    overall_accuracy: float | None

    @property
    def mean(self) -> float:
        """The mean IoU, NaN where not defined."""
        return math.nan if self.mean_iou is None else self.mean_iou

    @classmethod
    def of(cls, on: str, evaluation: Mapping[str, Any]) -> Self:
        """What a model's file keeps of what ``volseg evaluate --json`` wrote."""
        figures = {
            name: {key: scores[key] for key in Figures.model_fields}
            for name, scores in evaluation["classes"].items()
        }
        means = {key: evaluation[key] for key in ("mean_iou", "overall_accuracy")}
        return cls.model_validate({"on": on, "classes": figures, **means})
