"""Pictures of growth: one panel a piece of work, both axes logarithmic."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.growth import FITTED, GROWTHS, slope
from tests.benchmarks.measure import MIB
from tests.benchmarks.table import columns


def draw(growths: dict[str, list[dict[str, Any]]], folder: Path) -> None:
    """Write ``growth_time.png`` and ``growth_memory.png``."""
    shown = {
        name: columns(many)
        for name, many in growths.items()
        if many and not any("failed" in one for one in many)
    }
    if shown:
        time = {name: (sizes, seconds) for name, (sizes, _, seconds, _) in shown.items()}
        used = {
            name: (sizes, np.divide(grown, MIB)) for name, (sizes, _, _, grown) in shown.items()
        }
        _picture(time, "seconds", folder / "growth_time.png")
        _picture(used, "MiB over the input", folder / "growth_memory.png")


def _picture(curves: dict[str, Any], label: str, path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    wide = 4
    high = -(-len(curves) // wide)
    figure, axes = plt.subplots(
        high, wide, figsize=(3.1 * wide, 2.9 * high), layout="constrained", squeeze=False
    )
    for panel in axes.flat[len(curves) :]:
        panel.axis("off")
    for panel, (name, (sizes, values)) in zip(axes.flat, curves.items(), strict=False):
        told, power = GROWTHS[name], slope(sizes, values)
        panel.loglog(sizes, values, "o", color="#1f6feb", markersize=5)
        fitted, anchor = np.array(sizes[-FITTED:]), np.log(values[-FITTED:])
        start = anchor.mean() - power * np.log(fitted).mean()
        panel.loglog(fitted, np.exp(start + power * np.log(fitted)), "--", color="#57606a")
        panel.set_title("\n".join(textwrap.wrap(told.what, 36)), fontsize=8.5)
        panel.set_xlabel(told.unit, fontsize=8)
        panel.set_ylabel(label, fontsize=8)
        panel.text(0.05, 0.92, f"exponent {power:.2f}", transform=panel.transAxes, fontsize=8.5,
                   verticalalignment="top")  # fmt: skip
        panel.tick_params(labelsize=7.5, which="both")
        panel.grid(alpha=0.25)
    figure.savefig(path, dpi=90)
    plt.close(figure)
