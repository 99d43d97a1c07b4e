"""Random changes of a crop that leave its labels true."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from volseg.data.scans.features import ABSENT, FeatureName
from volseg.data.scans.samples import Scan

LEAN, OFF, FORGOTTEN = 0.25, 2.0, 0.3
"""How far a ground is mistaken: its slope, metres; and how often no height is known instead."""

WAVES = 20.0, 80.0
"""Lengths of the waves of made-up terrain in metres."""


def augment(
    scan: Scan,
    random: np.random.Generator,
    *,
    optional: Sequence[FeatureName] = (),
    rotate: bool = True,
    flip: bool = True,
    scale: float = 0.1,
    jitter: float = 0.01,
    drop: float = 0.0,
    forget: float = 0.0,
    doubt: float = 0.0,
    slope: float = 0.0,
) -> Scan:
    """Turn about the vertical, mirror, scale, thin and jitter a crop, and centre it.

    Args:
        scan: the crop.
        random: source of every draw.
        optional: features that scans may lack.
        rotate: by any angle about the z axis.
        flip: x, one time in two.
        scale: sizes change by a factor within ``1 +- scale``.
        jitter: standard deviation of the noise on every coordinate, in metres.
        drop: up to this share of the points is left out: what stays is spread evenly over its
            logarithm, as densities of scanners are.
        forget: chance of each optional feature to be as in a scan that lacks it.
        doubt: chance that the ground under a crop is mistaken: a plane through its middle that
            leans by up to `LEAN`, and lies off by up to `OFF` metres; or that no height is known.
        slope: of every other crop, up to which its terrain is made to rise, and to roll; heights
            over the ground stay as they are.
    """
    if drop > 0.0:
        kept = random.random(len(scan)) < (1.0 - drop) ** random.random()
        kept[random.integers(len(scan))] = True
        scan = scan.take(np.flatnonzero(kept))
    centre = scan.metres.mean(axis=0)
    angle = random.uniform(0.0, 2.0 * np.pi) if rotate else 0.0
    factor = 1.0 + random.uniform(-scale, scale)
    mirror = -1.0 if flip and random.random() < 0.5 else 1.0
    cos, sin = np.cos(angle), np.sin(angle)
    turn = factor * np.array([[mirror * cos, -sin, 0.0], [mirror * sin, cos, 0.0], [0.0, 0.0, 1.0]])
    metres = (scan.metres - centre) @ turn.T
    centres = None if scan.objects is None else (scan.objects.centres - centre) @ turn.T
    if jitter > 0.0:
        metres += random.normal(0.0, jitter, size=metres.shape)
    if slope > 0.0 and random.random() < 0.5:
        rise = _terrain(slope, random)
        metres[:, 2] += rise(metres)
        if centres is not None:
            centres[:, 2] += rise(centres)
    # A fresh phase of the lattice, so that no voxel boundary is learnt.
    phase = random.uniform(0.0, 1.0, size=3)
    metres += phase
    objects = scan.objects
    if objects is not None and centres is not None:
        objects = replace(objects, centres=centres + phase)
    attributes = dict(scan.attributes)
    if "height" in attributes:
        attributes["height"] = attributes["height"] * np.float32(factor)
        if random.random() < doubt:
            attributes["height"] = _mistaken(attributes["height"], metres, random)
    for name in scan.attributes:
        if name in optional and random.random() < forget:
            attributes[name] = np.full_like(attributes[name], ABSENT[name])
    return replace(scan, metres=metres, attributes=attributes, objects=objects)


def _mistaken(
    heights: NDArray[np.float32], metres: NDArray[np.float64], random: np.random.Generator
) -> NDArray[np.float32]:
    """Heights over a ground that is wrong, or none: networks learn to look for themselves."""
    if random.random() < FORGOTTEN:
        return np.zeros_like(heights)
    lean, off = random.uniform(-LEAN, LEAN, 2), random.uniform(-OFF, OFF)
    return (heights + (metres[:, :2] @ lean + off)[:, None]).astype(np.float32)


def _terrain(
    slope: float, random: np.random.Generator
) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """Heights of an inclined plane and of a wave along it at places (N, 3), float64 (N,)."""
    lean = random.uniform(-slope, slope, 2)
    angle, length, phase = random.uniform(0, 2 * np.pi), random.uniform(*WAVES), random.random()
    steepest = random.uniform(0, slope)

    def heights(metres: NDArray[np.float64]) -> NDArray[np.float64]:
        turns = metres[:, :2] @ (np.cos(angle), np.sin(angle)) / length + phase
        wave = steepest * length / (2 * np.pi) * np.sin(2 * np.pi * turns)
        return np.asarray(metres[:, :2] @ lean + wave)

    return heights


def swap(one: Scan, other: Scan, random: np.random.Generator) -> Scan:
    """A centred crop, a sector of it (seen from above) taken from another (PolarMix).

    After Xiao, Huang, Guan, Cui, Lu & Shao, "PolarMix: a general data augmentation technique for
    LiDAR point clouds" (NeurIPS 2022). Where crops lie over each other everything is twice as
    dense; here it is as in a scan. The sector is a quarter to three quarters of the circle.
    """
    first, share = random.random(), random.uniform(0.25, 0.75)

    def inside(scan: Scan) -> NDArray[np.bool_]:
        turns = np.arctan2(scan.metres[:, 1], scan.metres[:, 0]) / (2.0 * np.pi)
        return np.asarray((turns - first) % 1.0 < share)

    made = mix(one.take(np.flatnonzero(~inside(one))), other.take(np.flatnonzero(inside(other))))
    return made if len(made) else one


def mix(one: Scan, other: Scan) -> Scan:
    """Two centred crops laid over each other (Mix3D, Nekrasov et al. 2021).

    What stands where no longer tells what is around it, so that shape must.
    """
    labels = None
    if one.labels is not None and other.labels is not None:
        labels = np.concatenate((one.labels, other.labels))
    objects = None
    if one.objects is not None and other.objects is not None:
        objects = one.objects.beside(other.objects)
    return Scan(
        one.name,
        np.concatenate((one.metres, other.metres)),
        {
            name: np.concatenate((values, other.attributes[name]))
            for name, values in one.attributes.items()
        },
        labels,
        objects=objects,
    )
