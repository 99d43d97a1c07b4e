"""Training batches of volumes, as a config describes them."""

from __future__ import annotations

from collections.abc import Sequence

from volseg.config import VolumeConfig
from volseg.data.objects import ObjectHead
from volseg.data.volumes.augment_intensity import IntensityAugmentation
from volseg.data.volumes.augment_space import SpatialAugmentation
from volseg.data.volumes.patches import Patches
from volseg.data.volumes.store import CachedCase


def build_patches(config: VolumeConfig, cases: Sequence[CachedCase], processes: int = 1) -> Patches:
    """The source of training batches a config describes, for one of several processes."""
    spec, images, augment = config.train, config.images, config.train.augment
    return Patches(
        cases,
        patch=images.patch,
        batch=spec.batch // processes,
        foreground=spec.foreground,
        seed=config.seed,
        space=SpatialAugmentation(augment.rotate, augment.scale, images.mirror, images.spacing),
        intensity=IntensityAugmentation(**augment.model_dump(exclude={"rotate", "scale"})),
        head=ObjectHead.of(config.labels.label_map(), config.nd),
    )
