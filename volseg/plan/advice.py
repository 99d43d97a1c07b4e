"""What a plan would give in place of a config that is too large for its minutes."""

from __future__ import annotations

import math

from volseg.config import VolumeConfig
from volseg.plan.draft import Draft, Machine
from volseg.plan.fingerprint import Grid
from volseg.plan.fit import Budget
from volseg.plan.grid import seen_axes
from volseg.plan.ladder import ladders
from volseg.plan.memory import default_budget
from volseg.plan.pace import FEW, Pace, largest_in_time, shape


def too_large(
    config: VolumeConfig, median: Grid, cases: int, minutes: float, machine: Machine
) -> str | None:
    """One line where a config sees too little in its minutes and a quicker network more.

    Args:
        config: Config that is about to be trained.
        median: Voxels of the median case at its spacing.
        cases: Number of cases.
        minutes: Length of the run.
        machine: Machine it runs on, where a step is timed; several where that one is slow.
    """
    half = machine.half()

    def seconds(config: VolumeConfig) -> float:
        return machine.seconds(config, half=half)

    draft = Draft.of(config, median, machine.device.type)
    timed = Pace(minutes, seconds(config), draft.covered(config.images.patch))
    if timed.share >= FEW:
        return None
    drafts = [draft]
    if config.nd == 3 and not config.labels.label_map().learns_objects:
        drafts.insert(0, draft.seeing(seen_axes(config.images.spacing, median, 2)))
    memory = default_budget(machine.device)
    budget = Budget.of(memory, machine.device, cases * math.prod(median)).hurried()
    better, quick = largest_in_time(ladders(drafts, machine, budget), minutes, seconds)
    if quick.views < timed.views / FEW:
        return None
    return (
        f"{minutes:g} minutes hold about {timed.steps:,} steps of this network ({shape(config)}), "
        f"too few; 'volseg plan --minutes {minutes:g}' would take {shape(better.config)}: "
        f"{quick.steps:,} steps"
    )
