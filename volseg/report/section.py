"""What a report shows of one case: a section of the page, and the scripts it needs."""

from __future__ import annotations

import base64
import io
from collections.abc import Container
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from PIL import Image

from volseg.geometry.labels import LabelMap


@dataclass(frozen=True)
class Asset:
    """A script or a style sheet that all sections of a kind share; a page embeds it once.

    Scripts run at the end of the page, in the order in which sections name them; plotly, as
    ``Plotly``, and the page's own script, as ``volseg``, run before them. A script finds its
    sections by a ``data-`` attribute of their bodies.

    Attributes:
        name: of its file beside the templates; unlike that of any other.
        kind: script or style sheet.
        text: what is in it.
    """

    name: str
    kind: Literal["script", "style"]
    text: str


@dataclass(frozen=True)
class CaseSection:
    """One case to look at.

    Attributes:
        anchor: the id of its section, where links from tables and bars lead.
        title: the heading of its section, plain text: the page escapes it.
        body: HTML below the heading, escaped by who made it, as `render` does. It stays within
            the page's width, has no heading above ``<h4>``, and ids that start with the anchor.
        assets: what it needs once a page.
    """

    anchor: str
    title: str
    body: Markup
    assets: tuple[Asset, ...] = ()


def render(template: str, **values: object) -> Markup:
    """A template of ``volseg/report/templates``, filled; all but `Markup` is escaped."""
    return Markup(_environment().get_template(template).render(**values))


def data_uri(image: Image.Image) -> str:
    """A picture as a PNG within the page, its colours few."""
    stream = io.BytesIO()
    image.quantize(256, dither=Image.Dither.NONE).save(stream, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()


def class_buttons(
    labels: LabelMap, present: Container[int], first: int = 0
) -> list[dict[str, Any]]:
    """The classes a case has, by their numbers, which count from ``first``, for a template."""
    return [
        {"number": number, "name": entry.name, "colour": entry.colour}
        for number, entry in enumerate(labels.classes, start=first)
        if number in present
    ]


@cache
def asset(name: str) -> Asset:
    """A ``.js`` or ``.css`` file of ``volseg/report/templates``."""
    text = files("volseg.report").joinpath("templates", name).read_text(encoding="utf-8")
    return Asset(name, "style" if name.endswith(".css") else "script", text)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("volseg.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
