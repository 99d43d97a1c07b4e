"""Segment a volume: every voxel gets a class, on the volume's own grid and axes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from volseg.data.objects import ObjectHead
from volseg.data.volumes.channel import Channel
from volseg.data.volumes.prepare import prepare_image
from volseg.errors import InputError
from volseg.geometry.labels import LabelMap
from volseg.geometry.resample import kinds_for
from volseg.geometry.sides import UNNAMED, lone_sides, side_pairs
from volseg.geometry.volume import Orientation, Volume, times
from volseg.predict.ensemble import Ensemble, Precision
from volseg.predict.objects.components import require_things
from volseg.predict.volumes.components import keep_largest
from volseg.predict.volumes.diameter import zoomed
from volseg.predict.volumes.objects import GridObjects
from volseg.predict.volumes.sliding import MEMORY, Piece, Place, Sliding
from volseg.predict.volumes.stopwatch import Stopwatch
from volseg.predict.volumes.way_home import label_image

if TYPE_CHECKING:
    from nibabel.spatialimages import SpatialImage

SURE = 20.0
"""A logit beyond doubt: its probability is 1 but for what float32 does not show."""

Hear = Callable[[Place, Tensor], None]
"""Told of a place in the grid turned to right, anterior, superior, and its logits (K, *place)."""

UNLIKE = 5.0
"""Times by which the spacing of an image may differ from the one a model knows."""


@dataclass(frozen=True, eq=False)
class VolumeModel:
    """Trained networks with all they need to segment a volume.

    Calling it on an image gives the raw ids of the label map as an image of the same kind.

    Attributes:
        nets: one network a fold; their logits are averaged.
        labels: the classes.
        spacing: millimetres between voxels the networks know.
        channels: how each channel of an image is normalised.
        patch: sides of the windows the networks see; a side of 1 means slices.
        device: where the networks are.
        mirror: the axes along which a mirrored image is as likely as the image.
        largest: names of the classes of which only the largest component is kept.
        skip_flat: whether flat parts of an image are background, so that no network sees them.
        memory: bytes for scores that are not final yet; it changes no result.
        precision: what convolutions compute in.
        made_by: what files say gave their labels.
        head: what the networks say of objects; None where they know classes alone.
        temperature: what logits are divided by where it matters how sure they are.
        diameter: of the median object of images, in the unit of their spacing, where that is
            not what the networks learnt; images are zoomed until it is.
    """

    nets: tuple[nn.Module, ...]
    labels: LabelMap
    spacing: tuple[float, float, float]
    channels: tuple[Channel, ...]
    patch: tuple[int, int, int]
    device: torch.device
    mirror: tuple[int, ...] = ()
    largest: tuple[str, ...] = ()
    skip_flat: bool = False
    memory: int = MEMORY
    precision: Precision = "float32"
    made_by: str | None = None
    head: ObjectHead | None = None
    temperature: float = 1.0
    diameter: float | None = None

    @overload
    def __call__(
        self,
        image: NDArray[Any] | Sequence[Any],
        spacing: Sequence[float] | None = None,
        *,
        affine: NDArray[np.floating[Any]] | Sequence[Sequence[float]] | None = None,
        tta: bool = False,
        objects: bool = False,
    ) -> NDArray[Any]: ...

    @overload
    def __call__(self, image: Volume, *, tta: bool = False, objects: bool = False) -> Volume: ...

    @overload
    def __call__(
        self, image: SpatialImage, *, tta: bool = False, objects: bool = False
    ) -> SpatialImage: ...

    def __call__(
        self,
        image: Any,
        spacing: Sequence[float] | None = None,
        *,
        affine: Any = None,
        tta: bool = False,
        objects: bool = False,
    ) -> Any:
        """Segment one image; what goes in comes out.

        An array says nothing about where its axes run. With an ``affine`` they run as it says;
        without one they are taken as right, anterior, superior, and an array from a file whose
        axes run otherwise, as left, posterior, superior, would be segmented mirrored.

        Args:
            image: an array: an image (H, W), a volume (X, Y, Z) or one with channels
                (C, X, Y, Z); a `Volume`; or an image of nibabel's, whose fourth axis is channels.
            spacing: of an array without ``affine``, millimetres between voxels along each axis;
                1 if not given.
            affine: of an array, (4, 4), from voxels to millimetres right, anterior, superior.
            tta: average over mirrored views along every axis of ``mirror``.
            objects: give the ids of objects, 0 where there is none, in place of classes.

        Returns:
            Raw ids: an array of the array's shape without channels; a `Volume` in the same place;
            an image of nibabel's of the same class, with the image's header but for what is about
            values.

        Raises:
            InputError: if the array has another number of axes or is not of real numbers, spacing
                and affine are both given or no such numbers, or go with an image that has its
                own; if the spacing is far from the model's; if objects are wanted of a model
                without things; or as `label`.
        """
        if objects:
            require_things(self.labels)

        def label(volume: Volume) -> NDArray[Any]:
            check_spacing(self, volume)
            numbers = np.zeros(volume.grid, np.int32) if objects else None
            labels = self.label(volume, tta=tta, objects=numbers)
            return labels if numbers is None else numbers

        return label_image(label, image, spacing, affine)

    def label(
        self,
        volume: Volume,
        *,
        tta: bool = False,
        probabilities: NDArray[Any] | None = None,
        objects: NDArray[np.integer[Any]] | None = None,
        hear: Hear | None = None,
        stopwatch: Stopwatch | None = None,
    ) -> NDArray[Any]:
        """The raw ids of a volume's voxels.

        Args:
            volume: (C, X, Y, Z), as its file has it.
            tta: average over mirrored views along every axis of ``mirror``, but not from right
                to left where that exchanges classes (`exchanged`).
            probabilities: (K, X, Y, Z), floating point; filled with the probability of every
                class, or of every region, if given. They are of the networks: components that
                ``largest`` removes keep theirs.
            objects: (X, Y, Z), integers; filled with the number of the object a voxel is in, 0
                in none, if given.
            hear: told the logits of classes of every place, if given.
            stopwatch: counts the seconds of ``prepare``, ``network``, ``blend`` and ``group``:
                from the file's grid to the network's, on it, back with all that is done to
                scores, and from votes to objects.

        Returns:
            Raw ids (X, Y, Z), the smallest integers that hold them.

        Raises:
            InputError: if the volume has another number of channels than the model, or a voxel
                is NaN or infinite.
        """
        if self.diameter is not None:
            volume = zoomed(volume, self.labels, self.patch, self.diameter)
        orientation = Orientation.of(volume.affine)
        upright = volume.canonical()
        spacing = upright.spacing.tolist()
        kinds = kinds_for(self.spacing, spacing, image=False)
        stopwatch = stopwatch or Stopwatch()
        with stopwatch("prepare"):
            image = prepare_image(volume, self.spacing, self.channels)
        labels = np.zeros(volume.grid, self._dtype())
        out = orientation.apply(labels[None])[0]
        likely = None if probabilities is None else orientation.apply(probabilities)
        found = GridObjects(self.labels, self.head, upright.grid, spacing, self.patch)
        with stopwatch("blend"):
            swept = self._scores(image, tta, stopwatch, grid=upright.grid, kinds=kinds)
            for where, scores in swept:
                out[where] = self.labels.decode(self._classes(scores))
                if objects is not None:
                    found.add(where, self._classes(scores), scores)
                if hear is not None:
                    hear(where, self._of_classes(scores))
                if likely is not None:
                    likely[(slice(None), *where)] = self._probabilities(scores)
            self._keep_largest(out)
        if objects is not None:
            with stopwatch("group"):
                orientation.apply(objects[None])[0][...] = found.group()
        return labels

    def _scores(
        self, image: NDArray[Any], tta: bool, stopwatch: Stopwatch, **onto: Any
    ) -> Iterator[Piece]:
        ensemble = Ensemble(
            self.nets,
            self.patch,
            mirror=self._mirrored(image) if tta else (),
            device=self.device,
            precision=self.precision,
            ways=None if self.head is None else self.head.ways,
        )
        channels = len(self.labels) if self.head is None else self.head.channels
        sliding = Sliding(
            image, self.patch, channels, memory=self.memory, device=self.device,
            unseen=self._background() if self.skip_flat else None, **onto,
        )  # fmt: skip
        return sliding(stopwatch("network")(ensemble))

    @property
    def exchanged(self) -> tuple[str, str] | None:
        """What mirroring along axis 0 exchanges by the names: left and right, or a lone side."""
        names = self.labels.names if 0 in self.mirror else ()
        lone = [(name, UNNAMED) for name in lone_sides(names)]
        return next(iter([*side_pairs(names), *lone]), None)

    def _mirrored(self, image: NDArray[Any]) -> tuple[int, ...]:
        """The axes to mirror; axis 0 of a picture, its rows, is not known to exchange sides."""
        picture = 1 in self.patch and 1 in image.shape[1:]
        if self.exchanged is None or picture:
            return self.mirror
        return tuple(axis for axis in self.mirror if axis != 0)

    def _background(self) -> Tensor:
        """Scores (K,) of what is surely background."""
        scores = torch.full((len(self.labels),), -SURE)
        scores[: self.labels.first] = SURE
        if self.head is not None:
            others = torch.zeros(self.head.channels - len(scores))
            others[: self.head.logits - len(scores)] = -SURE
            scores = torch.cat((scores, others))
        return scores

    def _of_classes(self, scores: Tensor) -> Tensor:
        """Scores of classes alone (K, ...), of all that networks say."""
        if self.head is None:
            return scores
        return self.head.fold(self.head.split(scores[None]).classes)[0]

    def _classes(self, scores: Tensor) -> NDArray[Any]:
        """Training ids of cells, or flags where classes are regions."""
        scores = self._of_classes(scores)
        chosen = scores > 0 if self.labels.overlap else scores.max(dim=0).indices
        return np.asarray(chosen.cpu().numpy())

    def _probabilities(self, scores: Tensor) -> NDArray[np.float32]:
        scores = self._of_classes(scores) / self.temperature
        likely = scores.sigmoid() if self.labels.overlap else scores.softmax(dim=0)
        return np.asarray(likely.cpu().numpy())

    def _dtype(self) -> np.dtype[Any]:
        written = [entry.ids[0] for entry in self.labels.classes] + [self.labels.nothing]
        return np.promote_types(*(np.min_scalar_type(end) for end in (min(written), max(written))))

    def _keep_largest(self, labels: NDArray[Any]) -> None:
        for entry in self.labels.classes:
            if entry.name in self.largest:
                keep_largest(labels, entry.ids, self.labels.nothing)


def check_spacing(model: VolumeModel, volume: Volume) -> None:
    """Refuse an image whose voxels are of another size than any the networks can know.

    Of an axis of one voxel the size says nothing.

    Raises:
        InputError: naming both spacings.
    """
    upright = volume.canonical()
    ratios = upright.spacing / model.spacing
    if (np.maximum(ratios, 1 / ratios)[np.array(upright.grid) > 1] > UNLIKE).any():
        raise InputError(
            f"its spacing is {times(upright.spacing)} mm and the model's {times(model.spacing)}, "
            f"more than {UNLIKE:g} times apart; correct its header if it is wrong (NIfTI counts in "
            "mm, unless xyzt_units says otherwise), or resample the image"
        )
