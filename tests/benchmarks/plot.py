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
        _curve(panel, sizes, values)
        panel.set_title("\n".join(textwrap.wrap(GROWTHS[name].what, 36)), fontsize=8.5)
        panel.set_xlabel(GROWTHS[name].unit, fontsize=8)
        panel.set_ylabel(label, fontsize=8)
    figure.savefig(path, dpi=90)
    plt.close(figure)


def _curve(panel: Any, sizes: Any, values: Any) -> None:
    """What was measured, and the power law fitted to the largest sizes."""
    from matplotlib.ticker import NullFormatter

    power = slope(sizes, values)
    fitted = np.array(sizes[-FITTED:])
    start = np.log(values[-FITTED:]).mean() - power * np.log(fitted).mean()
    panel.loglog(sizes, values, "o", color="#1f6feb", markersize=5)
    panel.loglog(fitted, np.exp(start + power * np.log(fitted)), "--", color="#57606a")
    told = f"exponent {power:.2f}"
    panel.text(0.05, 0.92, told, transform=panel.transAxes, fontsize=8.5, va="top")
    # A decade at least, so that some ticks have numbers.
    middle = float(np.sqrt(min(values) * max(values)))
    panel.set_ylim(min(min(values) / 1.5, middle / 4), max(max(values) * 3, middle * 4))
    panel.set_xlim(min(sizes) / 3, max(sizes) * 3)
    for axis in (panel.xaxis, panel.yaxis):
        axis.set_minor_formatter(NullFormatter())
    panel.tick_params(labelsize=7.5, which="both")
    panel.grid(alpha=0.25)
