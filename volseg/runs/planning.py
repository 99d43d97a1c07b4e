"""Plans made for the machine at hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from volseg.data.volumes.datasets.dataset import read_dataset
from volseg.data.volumes.objects.truth import ObjectTruth
from volseg.models.device import pick_device
from volseg.plan import Plan, make_plan
from volseg.progress import SILENT, Progress
from volseg.runs.machine import ThisMachine


def plan_dataset(
    path: Path,
    *,
    nd: int | None = None,
    memory: int | None = None,
    minutes: float | None = None,
    objects: ObjectTruth | None = None,
    progress: Progress = SILENT,
) -> Plan:
    """A plan for the dataset in a folder or CSV file, on this machine's GPU or CPU.

    Args:
        path: of the dataset.
        nd: axes the network sees; 2 for images of a single slice, else 3, if not given.
        memory: bytes that training may take; most of what is free if not given.
        minutes: length of the run that is planned for; as long as it takes if not given.
        objects: how labels say which voxels are one object; found out if not given.
        progress: told how many cases are read.

    Raises:
        InputError: as `read_dataset` and `make_plan`.
    """
    notes: list[str] = []
    dataset = read_dataset(path, notes.append)
    machine = ThisMachine(pick_device("auto"))
    made = make_plan(
        dataset, machine, nd=nd, memory=memory, minutes=minutes, objects=objects, progress=progress
    )
    return replace(made, notes=(*notes, *made.notes))
