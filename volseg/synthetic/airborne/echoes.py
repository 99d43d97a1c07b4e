"""From first hits within the footprints of pulses to the echoes that a scanner tells apart."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from volseg.synthetic.airborne.devices import Device
from volseg.synthetic.airborne.hits import Hits
from volseg.synthetic.facets import Floats
from volseg.synthetic.labels import OPTICS, Label
from volseg.synthetic.scanners.returns import strength


@dataclass(frozen=True, eq=False)
class Echoes:
    """E echoes, by pulse and then by distance.

    Attributes:
        pulse: int64 (E,), increasing.
        distance: float64 (E,), metres.
        power: float64 (E,), see `strength`.
        label: int8 (E,), class.
        instance: int32 (E,), objects, 0 of none.
        number: uint8 (E,), from 1 in each pulse.
        count: uint8 (E,), echoes of the pulse.
    """

    pulse: NDArray[np.int64]
    distance: Floats
    power: Floats
    label: NDArray[np.int8]
    instance: NDArray[np.int32]
    number: NDArray[np.uint8]
    count: NDArray[np.uint8]

    def __getitem__(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> Echoes:
        """Some of the echoes, their numbers as they are."""
        return Echoes(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


def tell_apart(rng: np.random.Generator, device: Device, hits: Hits) -> Echoes:
    """Echoes of pulses of ``device.beams`` rays each, in the order of rays.

    Hits closer to each other than the device resolves are one echo, of the class of what sends
    most, at the mean distance.
    """
    pulse = np.arange(len(hits.distance)) // device.beams
    power = strength(hits.material, hits.slant, hits.distance / device.height) / device.beams
    power = power * (rng.random(len(pulse)) > _lost(hits))
    order = np.lexsort((hits.distance, pulse))
    pulse, power, distance = pulse[order], power[order], hits.distance[order]
    apart = (np.diff(distance, prepend=-np.inf) > device.resolution) | _starts(pulse)
    echo = np.cumsum(apart) - 1
    total = np.bincount(echo, power).astype(np.float64)
    mean = np.bincount(echo, power * distance) / np.maximum(total, 1e-12)
    strongest = order[_strongest(echo, power)]
    rough = OPTICS[hits.material[strongest], 2]
    seen = rng.random(len(total)) < total / device.weakest
    noise = np.hypot(device.noise, rough) * rng.normal(0, 1, len(total))
    made = Echoes(
        pulse=pulse[apart],
        distance=mean + noise,
        power=total * np.exp(rng.normal(0, 0.12, len(total))),
        label=hits.label[strongest],
        instance=hits.instance[strongest],
        number=np.ones(len(total), dtype=np.uint8),
        count=np.ones(len(total), dtype=np.uint8),
    )
    made = numbered(made[seen])
    return numbered(made[_kept(device, made)])


def numbered(echoes: Echoes) -> Echoes:
    """Echoes by pulse and by distance, and numbered so."""
    echoes = echoes[np.lexsort((echoes.distance, echoes.pulse))]
    first = np.flatnonzero(_starts(echoes.pulse))
    count = np.diff(first, append=len(echoes.pulse))
    number = np.arange(1, len(echoes.pulse) + 1) - np.repeat(first, count)
    return replace(
        echoes,
        number=number.astype(np.uint8),
        count=np.repeat(count, count).astype(np.uint8),
    )


def _kept(device: Device, echoes: Echoes) -> NDArray[np.bool_]:
    """Which numbered echoes a device records."""
    if device.keeps == "all":
        return echoes.number <= device.most
    wanted = echoes.count if device.keeps == "last" else np.ones_like(echoes.count)
    return np.asarray(echoes.number == wanted)


def _lost(hits: Hits) -> Floats:
    """Share of hits that send nothing back; water is a mirror to all but steep rays."""
    lost = OPTICS[hits.material, 1]
    glance = np.degrees(np.arccos(np.clip(hits.slant, 0, 1)))
    return np.where(hits.label == Label.WATER, np.clip(0.2 + glance / 18, 0, 0.985), lost)


def _starts(key: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Where sorted keys begin to be another."""
    return np.asarray(np.diff(key, prepend=-1) != 0)


def _strongest(echo: NDArray[np.int64], power: Floats) -> NDArray[np.int64]:
    """The row of the greatest power of each echo; echoes (n,) sorted."""
    order = np.lexsort((-power, echo))
    return np.asarray(order[_starts(echo[order])])
