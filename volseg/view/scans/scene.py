"""A scan as a scene: its points in a colour mode, less the classes that are hidden."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry import LabelMap, PointCloud
from volseg.geometry.blocks import blocks
from volseg.geometry.labels import IGNORE
from volseg.view.camera import View
from volseg.view.classes import Classes
from volseg.view.colours import Colours, colour_by, colour_errors, modes
from volseg.view.common_classes import Comparison, compare_ids
from volseg.view.legend import Entry, Legend
from volseg.view.palette import is_asprs
from volseg.view.scans.budget import PointBudget
from volseg.view.scans.extent import say_far
from volseg.view.scans.objects import ComparedObjects
from volseg.view.scans.thinning import spacing
from volseg.view.scene import Look, Part, Points
from volseg.view.spots import Spot, find_spots

# Cubes twice as wide as points lie apart: neighbours on a surface are connected.
REACH = 2.0


class ScanScene:
    """A scan, its truth where that is known, and the budget of points to draw."""

    def __init__(
        self,
        name: str,
        cloud: PointCloud,
        *,
        truth: NDArray[np.integer[Any]] | None = None,
        objects: NDArray[np.integer[Any]] | None = None,
        rows: Mapping[int, str] | None = None,
        labels: LabelMap | None = None,
        most: int,
        asprs: bool = False,
    ) -> None:
        """A scene of one scan.

        Args:
            name: what the scan is called.
            cloud: one point or more; its labels are the prediction where there is a truth.
            truth: raw ids, (N,).
            objects: ids of true objects, (N,), which are compared with those of the cloud.
            rows: what is known of the cloud's objects, by their ids.
            labels: names and colours of the classes; without it errors are judged as
                `compare_ids` says.
            most: how many points are drawn at most.
            asprs: whether ids are LAS's classification, whatever their field is called.

        Raises:
            InputError: if the scan is empty or in degrees, a truth goes with no prediction or
                has another length, or ``labels`` lacks an id.
        """
        if len(cloud) == 0:
            raise InputError("has no points; there is nothing to see")
        if truth is not None and cloud.labels is None:
            raise InputError("has no labels to compare with the truth")
        if truth is not None and len(truth) != len(cloud):
            raise InputError(
                f"has {len(cloud):,} points and the truth {len(truth):,} labels; wanted one a point"
            )
        self._name, self._cloud, self._truth = name, cloud, truth
        self._xyz = cloud.drawn()
        self._budget = PointBudget(self._xyz, most)
        ids = [one for one in (cloud.labels, truth) if one is not None]
        asprs = asprs or is_asprs(cloud.label_field)
        judged = labels is None and len(ids) == 2
        self._compared = compare_ids(*ids, asprs=asprs) if judged else Comparison(labels)
        self._labels = self._compared.labels
        self._classes = Classes.of(ids, self._labels, asprs)
        self._rows = rows or {}
        self._objects = None
        if truth is not None and objects is not None and cloud.instances is not None:
            self._objects = ComparedObjects(
                (self._trained(truth), objects),
                (self._trained(ids[0]), cloud.instances),
                tuple(entry.name for entry in self._classes.entries),
                _things(self._labels),
            )
        self._painted: dict[str, tuple[Colours, Legend]] = {}

    @property
    def title(self) -> str:
        """Name, points, how many of them are drawn, and how many lie too far away for that."""
        total, drawn = len(self._cloud), len(self._budget.drawn)
        far = total - len(self._budget.near)
        thinned = drawn < total - far
        text = f"{self._name}: " + (f"{drawn:,} of " if thinned else "") + f"{total:,} point"
        text += ("s" if total > 1 else "") + (" drawn" if thinned else "")
        return text + say_far(far)

    @property
    def note(self) -> str:
        """What to know of how errors are judged."""
        return self._compared.note

    @property
    def unit(self) -> str:
        """Metres."""
        return "m"

    @cached_property
    def modes(self) -> tuple[str, ...]:
        """What can give the colours, the most telling first."""
        compared = ("truth", "error") if self._truth is not None else ()
        first, *rest = modes(self._cloud)
        return (first, *compared, *(one for one in rest if one not in compared))

    @property
    def classes(self) -> tuple[Entry, ...]:
        """The classes of prediction and truth."""
        return self._classes.entries

    @cached_property
    def wrong(self) -> NDArray[np.bool_]:
        """Which points are of another class than their truth, bool (N,); no truth, none."""
        if self._truth is None or self._cloud.labels is None:
            return np.zeros(len(self._cloud), dtype=bool)
        codes = self._classes.codes
        true = codes(self._truth)
        known = ~np.isin(true, list(self._classes.ignored))
        return np.asarray(known & (codes(self._cloud.labels) != true))

    @cached_property
    def spots(self) -> list[Spot]:
        """Wrong objects where they are compared, else clusters of wrong points; largest first."""
        near = self._budget.near
        if self._objects is not None:
            return self._objects.spots(self._xyz, near)
        wrong = near[self.wrong[near]]
        return find_spots(self._xyz[wrong], REACH * spacing(self._xyz[near]))

    def _trained(self, raw: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
        """Classes of raw ids, `IGNORE` of those whose truth is unknown."""
        codes = self._classes.codes(raw).astype(np.int64)
        codes[np.isin(codes, list(self._classes.ignored))] = IGNORE
        return codes

    @property
    def view(self) -> View:
        """Obliquely from above."""
        return "oblique"

    @property
    def headings(self) -> dict[View, float]:
        """None: a scan is seen from where its own shape says."""
        return {}

    def outline(self) -> NDArray[np.float64]:
        """The points that are drawn."""
        return np.asarray(self._xyz[self._budget.drawn])

    def parts(self, look: Look) -> list[Part]:
        """The points that are drawn: closely around the focus, if there is one."""
        index = self._shown(look)
        return [Points(self._xyz[index], self._paint(look.mode)[0][index])]

    def legend(self, look: Look) -> Legend:
        """What the colours mean."""
        return self._paint(look.mode)[1]

    def describe(self, place: NDArray[np.float64], look: Look) -> str:
        """Coordinates, classes, confidence and attributes of the shown point nearest to a place."""
        index = self._shown(look)
        if len(index) == 0:
            return "no point is shown"
        far = [((self._xyz[index[rows]] - place) ** 2).sum(axis=1) for rows in blocks(len(index))]
        return "\n".join(self._facts(int(index[np.argmin(np.concatenate(far))])))

    def _facts(self, row: int) -> list[str]:
        cloud, named = self._cloud, self._classes.name
        place = "  ".join(
            f"{axis} {value:,.3f}" for axis, value in zip("xyz", cloud.xyz[row], strict=True)
        )
        facts = [f"point {row + 1:,} of {len(cloud):,}", place]
        if cloud.labels is not None:
            facts.append(f"class {cloud.labels[row]}: {named(int(cloud.labels[row]))}")
        if self._truth is not None:
            verdict = "wrong" if self.wrong[row] else "right"
            facts.append(f"truth {self._truth[row]}: {named(int(self._truth[row]))} ({verdict})")
        if cloud.instances is not None:
            number = int(cloud.instances[row])
            size = int((cloud.instances == number).sum())
            facts.append(f"object {number}: {size:,} points" if number else "no object")
            facts += [self._rows[number]] if number in self._rows else []
        if cloud.confidence is not None:
            facts.append(f"confidence {cloud.confidence[row]:.3f}")
        return facts + [
            f"{name} {_plain(cloud.attributes[name][row])}" for name in cloud.attributes
        ]

    def _paint(self, mode: str) -> tuple[Colours, Legend]:
        if mode not in self._painted:
            self._painted[mode] = self._colour(mode)
        return self._painted[mode]

    def _colour(self, mode: str) -> tuple[Colours, Legend]:
        cloud = self._cloud
        if mode == "error" and self._objects is not None:
            return self._objects.colours()
        if mode == "error" and self._truth is not None and cloud.labels is not None:
            colours, legend = colour_errors(cloud.labels, self._truth, self._labels)
            return colours, replace(legend, title=self._compared.heading)
        ids = self._truth if mode == "truth" else cloud.labels if mode == "class" else None
        if ids is None:
            if mode in ("truth", "error"):
                raise InputError(f"cannot colour by {mode!r} without a truth; name it by --truth")
            return colour_by(cloud, mode, self._labels)
        title = "truth" if mode == "truth" else self._classes.title
        legend = Legend(title, self._classes.entries)
        return self._classes.colours[self._classes.codes(ids)], legend

    def _shown(self, look: Look) -> NDArray[np.int64]:
        """Rows of the points to draw."""
        index = self._budget.around(look.focus)
        ids = self._truth if look.mode == "truth" else self._cloud.labels
        if not look.hidden or ids is None:
            return index
        return index[~np.isin(self._classes.codes(ids[index]), list(look.hidden))]


def _things(labels: LabelMap | None) -> frozenset[str] | None:
    """Names of the things of a label map; None where it has none to say which they are."""
    things = () if labels is None else labels.things
    return frozenset(labels.names[k] for k in things) if labels is not None and things else None


def _plain(value: Any) -> str:
    """A value as people write it: floats without the digits that their type has too many."""
    return np.array2string(np.asarray(value), separator=" ", floatmode="unique")
