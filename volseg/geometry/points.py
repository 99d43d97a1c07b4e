"""Point clouds: coordinates that keep every digit, named attributes, labels.

A point without coordinates is a point: `PointCloud` takes NaN, ``placed`` tells which points have a
place, and whatever needs places asks for ``only_placed``, else ``metres`` refuses. Readers in
pieces leave the others out and put them back in copies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError

CONFIDENCES = ("confidence", "confidence_predicted")
"""Attributes that tell how sure labels are; the other is for files with a field of that name."""

METRES = (1.0, 1.0, 1.0)
METRES_PER_DEGREE = 111_195.0  # of a great circle of the Earth

UNCLASSIFIED, GROUND = 1, 2
"""Classes of LAS for ground, and for what was looked at and is no other."""

NOISE = (7, 18)
"""Classes of LAS for noise below and above everything else."""

INSTANCE = "instance"
"""Field of files for the ids of objects."""
HIGHEST_INSTANCE = 2**32 - 1


class LazyAttributes(Mapping[str, NDArray[Any]]):
    """Attributes made when first asked for: most tasks need few of those a file holds."""

    def __init__(self, names: Sequence[str], make: Callable[[str], NDArray[Any]]) -> None:
        """Name attributes; ``make`` gives each, one value a point."""
        self._make = make
        self._made: dict[str, NDArray[Any] | None] = dict.fromkeys(names)

    def __getitem__(self, name: str) -> NDArray[Any]:
        values = self._made[name]
        if values is None:
            values = self._made[name] = self._make(name)
        return values

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)


@dataclass(frozen=True, eq=False)
class PointCloud:
    """Points in the user's own coordinates and order.

    Attributes:
        xyz: float64 (N, 3), in coordinate units. Where one is NaN or infinite the point has no
            place, as organised sensors keep beams that never came back; see `placed`.
        attributes: one array a name, (N,) or (N, k), as the file holds them.
        labels: int64 (N,) raw class ids, or None where the scan has none; `UNKNOWN` is none.
        confidence: float32 (N,), probability of the labelled class, or None.
        label_field: the file's name for the labels; without labels, that of an attribute which is
            called as labels are and holds other values.
        crs: coordinate reference system as WKT, or None where the file names none.
        metres_per_unit: metres in one unit of x, y and z; None where the coordinates are
            angles, which no voxel size in metres can divide, or the unit is unknown.
        outdated: names of attributes that told how sure labels were that have been replaced, or
            held ids that have been; files written do not have them.
        labelled_by: what gave the labels, a model and its version, or None.
        crs_problem: why the unit is unknown, where the file names a coordinate reference
            system that cannot be understood; else None.
        steps: what x, y and z are whole multiples of, from some offset, as far as floating-point
            numbers are; None where the file does not say.
        label_problem: why a file of labels beside the scan is not used, where there is one; else
            None.
        noise: which points the file withholds or calls noise, bool (N,), or None where it cannot.
        instances: int64 (N,) id of the object a point belongs to, 0 where it belongs to none, or
            None where the scan has no objects.
        instance_field: name of the attribute that holds the instances; None where they are new.

    Raises:
        InputError: on arrays of other shapes or lengths, and on ids no file could hold.
    """

    xyz: NDArray[np.float64]
    attributes: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    labels: NDArray[np.int64] | None = None
    confidence: NDArray[np.float32] | None = None
    label_field: str | None = None
    crs: str | None = None
    metres_per_unit: tuple[float, float, float] | None = (1.0, 1.0, 1.0)
    crs_problem: str | None = None
    steps: tuple[float, float, float] | None = None
    outdated: tuple[str, ...] = ()
    labelled_by: str | None = None
    label_problem: str | None = None
    noise: NDArray[np.bool_] | None = None
    instances: NDArray[np.int64] | None = None
    instance_field: str | None = None

    def __post_init__(self) -> None:
        xyz = np.ascontiguousarray(self.xyz, dtype=np.float64)
        if xyz.ndim != 2 or xyz.shape[1] != 3:
            raise InputError(f"coordinates have shape {xyz.shape}, wanted (N, 3)")
        object.__setattr__(self, "xyz", xyz)
        kinds = {"labels": np.int64, "confidence": np.float32, "instances": np.int64}
        for name, kind in kinds.items():
            values = getattr(self, name)
            if values is not None:
                object.__setattr__(self, name, np.ascontiguousarray(values, dtype=kind))
                self._check_length(name, values)
        if self.instances is not None:
            check_instances(self.instances, "instances")
        if not isinstance(self.attributes, LazyAttributes):
            for name, values in self.attributes.items():
                self._check_length(name, values)

    def _check_length(self, name: str, values: NDArray[Any]) -> None:
        if len(values) != len(self.xyz):
            raise InputError(
                f"{name!r} holds {len(values):,} values for {len(self.xyz):,} points; "
                "wanted one a point"
            )

    def __len__(self) -> int:
        return len(self.xyz)

    @cached_property
    def placed(self) -> NDArray[np.bool_]:
        """Which points have a place, bool (N,): their coordinates are finite."""
        return np.asarray(np.isfinite(self.xyz).all(axis=1))

    @cached_property
    def counted(self) -> NDArray[np.bool_]:
        """Which points have a place and are no `noise`, bool (N,)."""
        return self.placed if self.noise is None else self.placed & ~self.noise

    def only(self, chosen: NDArray[np.bool_]) -> PointCloud:
        """Some points, bool (N,), in their order: this very cloud where it is all."""
        return self if chosen.all() else self.take(chosen)

    def only_placed(self) -> PointCloud:
        """The points that have a place, in their order: this very cloud where all have."""
        return self.only(self.placed)

    def with_labels_of(
        self,
        chosen: NDArray[np.bool_],
        labels: NDArray[np.integer[Any]],
        confidence: NDArray[np.floating[Any]] | None = None,
        instances: NDArray[np.integer[Any]] | None = None,
        *,
        by: str | None = None,
    ) -> PointCloud:
        """All points with the labels, int (n,), of those chosen, bool (N,).

        The others keep the class they have, else get 0, with a confidence and an object of 0.
        """
        if chosen.all():
            return self.with_labels(labels, confidence, instances, by=by)
        every = np.zeros(len(self), np.int64) if self.labels is None else self.labels.copy()
        every[chosen] = labels
        sure = None if confidence is None else np.zeros(len(self), np.float32)
        if sure is not None:
            sure[chosen] = confidence
        objects = None
        if instances is not None:
            objects = np.zeros(len(self), np.int64)
            objects[chosen] = instances
        return self.with_labels(every, sure, objects, by=by)

    def with_labels(
        self,
        labels: NDArray[np.integer[Any]],
        confidence: NDArray[np.floating[Any]] | None = None,
        instances: NDArray[np.integer[Any]] | None = None,
        *,
        by: str | None = None,
    ) -> PointCloud:
        """The same points with other labels, int (N,), and their confidence, float (N,).

        A confidence in the cloud's attributes, which is of the labels before, is outdated then.
        ``instances``, int (N,), are the new objects; without them the points keep those they
        have. ``by`` says what gave the labels.
        """
        outdated = tuple(
            name
            for name in CONFIDENCES
            if name in self.attributes and _is_probability(self.attributes[name])
        )
        cloud = replace(
            self,
            labels=np.asarray(labels, dtype=np.int64),
            confidence=None if confidence is None else np.asarray(confidence, dtype=np.float32),
            outdated=tuple(dict.fromkeys((*self.outdated, *outdated))),
            labelled_by=by,
        )
        return cloud if instances is None else cloud.with_instances(instances)

    def with_instances(self, instances: NDArray[np.integer[Any]]) -> PointCloud:
        """The same points as other objects, int (N,), 0 where a point belongs to none.

        An attribute of the name files have for them is outdated then.
        """
        old = {INSTANCE} & {*self.attributes}.difference(self.outdated)
        return replace(
            self,
            instances=np.asarray(instances, dtype=np.int64),
            instance_field=None,
            outdated=(*self.outdated, *old),
        )

    def take(self, index: NDArray[Any]) -> PointCloud:
        """The points an integer (n,) or boolean (N,) index selects, in its order."""
        return replace(
            self,
            xyz=self.xyz[index],
            attributes={name: values[index] for name, values in self.attributes.items()},
            labels=None if self.labels is None else self.labels[index],
            confidence=None if self.confidence is None else self.confidence[index],
            noise=None if self.noise is None else self.noise[index],
            instances=None if self.instances is None else self.instances[index],
        )

    def metres(self) -> NDArray[np.float64]:
        """Coordinates in metres, float64 (N, 3), at full precision and with no origin removed.

        Raises:
            InputError: if the coordinates are angles, their unit is unknown, or a point has none.
        """
        if not self.placed.all():
            raise InputError(
                f"{len(self) - int(self.placed.sum()):,} of {len(self):,} points have NaN or "
                "infinite coordinates; leave them out with PointCloud.only_placed()"
            )
        if self.crs_problem is not None:
            raise InputError(
                f"{self.crs_problem}; name it with --crs EPSG:NUMBER, or the unit alone with "
                "--units m, ft or us-ft"
            )
        if self.metres_per_unit is None:
            raise InputError(
                "coordinates are longitude and latitude in degrees, but voxel sizes are metres; "
                "reproject the scan to a projected CRS (UTM, a national grid) first, for example "
                "with pdal translate IN OUT reprojection --filters.reprojection.out_srs=EPSG:NUMBER"
            )
        if self.metres_per_unit == METRES:
            return self.xyz
        metres: NDArray[np.float64] = self.xyz * np.asarray(self.metres_per_unit)
        return metres

    def drawn(self) -> NDArray[np.float64]:
        """Coordinates to look at, float64 (N, 3).

        Metres where the unit is known, about metres where it is degrees, else what is stored.
        """
        if self.metres_per_unit is not None or self.crs_problem is not None or not len(self):
            return self.xyz if self.metres_per_unit is None else self.metres()
        parallel = np.cos(np.radians(np.median(self.xyz[:, 1])))
        drawn: NDArray[np.float64] = self.xyz * (METRES_PER_DEGREE * parallel, METRES_PER_DEGREE, 1)
        return drawn


def check_instances(instances: NDArray[Any], name: str) -> None:
    """Refuse ids of objects that no file could hold.

    Raises:
        InputError: if an id is negative or above 2^32 - 1.
    """
    wrong = instances[(instances < 0) | (instances > HIGHEST_INSTANCE)]
    if len(wrong):
        raise InputError(
            f"{name!r} holds {wrong[0]}, which is no id of an object; wanted 0 for none, and 1 to "
            f"{HIGHEST_INSTANCE:,}"
        )


def _is_probability(values: NDArray[Any]) -> bool:
    """Whether all are numbers from 0 to 1, or NaN: no measure of a sensor's own."""
    if values.dtype.kind != "f" or values.ndim != 1:
        return False
    return not bool(((values < 0) | (values > 1)).any())
