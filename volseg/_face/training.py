"""What comes before a model: data that is checked or made, a plan, a run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from volseg._face.labels import Labels, label_map
from volseg.data.volumes.checks.check import Report, check_dataset
from volseg.data.volumes.checks.repair import check_copy, repair
from volseg.data.volumes.objects.truth import ObjectTruth
from volseg.plan import Plan
from volseg.progress import SILENT, Progress
from volseg.runs.train import train

if TYPE_CHECKING:
    from volseg.synthetic.airborne.kinds import Flown, Relief

__all__ = ["check", "generate", "plan", "train"]


def plan(
    dataset: Path | str,
    target: Path | str | None = None,
    *,
    nd: int | None = None,
    memory: int | str | None = None,
    minutes: float | None = None,
    objects: ObjectTruth | None = None,
    overwrite: bool = False,
    progress: Progress = SILENT,
) -> Plan:
    """Look at a dataset of volumes, and make the config to train with on this machine.

    One training step is run to measure its memory. For a number of minutes steps of several
    networks are timed, and the largest is taken that learns enough in them.

    Args:
        dataset: a folder in Decathlon or nnU-Net layout, folders ``images`` and ``labels``, or a
            CSV file of pairs.
        target: a YAML file for the config, with comments.
        nd: axes of the network, 2 or 3; 2 for images of a single slice, else 3, if not given.
        memory: what training may take: bytes, or ``8GB``; most of what is free, up to 8 GiB, if
            not given.
        minutes: how long training will be given, on this machine; as long as it takes if not
            given.
        objects: how labels say which voxels are one object: ``ids``, ``thousands``, ``file`` or
            ``components``, as a config's ``data.objects``; found out if not given.
        overwrite: replace an existing target.
        progress: told how many cases are read.

    Returns:
        The plan; `train` takes its ``config``.

    Raises:
        InputError: if there is no such dataset, it cannot be used, or the target exists.

    Example:
        >>> made = vs.plan("balls", "planned.yaml", memory="500MB")
        >>> made.config.nd, list(made.config.labels.classes)
        (3, ['background', 'ball'])
    """
    from volseg.io.atomic import check_target, write_files
    from volseg.plan import parse_bytes
    from volseg.plan.text import to_yaml
    from volseg.runs.planning import plan_dataset

    if target is not None:
        check_target(Path(target), overwrite=overwrite)
    made = plan_dataset(
        Path(dataset),
        nd=nd,
        memory=parse_bytes(memory) if isinstance(memory, str) else memory,
        minutes=minutes,
        objects=objects,
        progress=progress,
    )
    if target is not None:
        write_files({Path(target): to_yaml(made).encode()}, overwrite=overwrite)
    return made


def check(
    dataset: Path | str,
    target: Path | str | None = None,
    *,
    labels: Labels | None = None,
    series: str | None = None,
    objects: ObjectTruth | None = None,
    progress: Progress = SILENT,
) -> Report:
    """Read every file of a dataset of volumes, and list what is wrong, with remedies.

    Args:
        dataset: as in `plan`.
        target: a new folder for a copy that is repaired where that is safe.
        labels: the classes, where they are not to be those the dataset names.
        series: the DICOM series to take where a folder holds several.
        objects: how labels say which voxels are one object, as `plan` has it.
        progress: told how many cases are done.

    Returns:
        What was found: ``problems``, and whether training would fail, ``broken``.

    Raises:
        InputError: if the path holds no dataset at all, or the target is not new.

    Example:
        >>> report = vs.check("balls")
        >>> report.broken, len(report.dataset.cases), report.problems
        (False, 4, ())
    """
    if target is not None:
        check_copy(Path(target))
    report = check_dataset(
        dataset,
        labels=label_map(None, labels),
        series=series,
        objects=objects,
        threads=min(os.cpu_count() or 1, 8),
        progress=progress,
    )
    if target is not None:
        repair(report, Path(target), progress=progress)
    return report


def generate(
    out: Path | str,
    count: int = 48,
    *,
    kind: Literal["street", "airborne", "pages", "field"] = "street",
    seed: int = 0,
    terrain: Relief | None = None,
    scanner: Flown | None = None,
    density: float | None = None,
    size: float | None = None,
    founts: Path | str | None = None,
    overwrite: bool = False,
    progress: Progress = SILENT,
) -> list[Path]:
    """Make labelled scans or pictures of what nobody surveyed, to train on without a licence.

    Each depends on the seed, its number and the options alone. The classes are those of the
    presets ``lidar/street``, ``lidar/airborne``, ``image/pages`` and ``image/field``.

    Args:
        out: folder for the LAZ files, or for folders ``images``, ``labels`` and ``objects``.
        count: how many.
        kind: ``street``, seen by survey cars and tripods; ``airborne``, landscapes from above;
            ``pages`` of old newspapers; or ``field``, what robots that play soccer see.
        seed: another seed, other scans.
        terrain: of airborne scans: ``plain``, ``hills``, ``steep``, ``terraces``, ``quarry``,
            ``cliffs``, ``dykes`` or ``coast``; all in turn if not given.
        scanner: of airborne scans: ``linear``, ``geiger``, ``nineties``, ``drone`` or ``dense``;
            all in turn if not given.
        density: of airborne scans, pulses a square metre; what is usual of the scanner if not
            given.
        size: of airborne tiles, metres; by the density if not given.
        founts: of pages: a folder of TrueType or OpenType files to set them in; those that come
            with matplotlib and Pillow if not given.
        overwrite: replace existing files.
        progress: told, in notes, of every file that is written.

    Returns:
        The scans, or the images.

    Raises:
        InputError: if an option is out of its range or not of this kind, or a file is there
            already, before any is written.

    Example:
        >>> [path.name for path in vs.generate("streets", 1)]
        ['000_mobile.laz']
        >>> [path.name for path in vs.generate("tiles", 1, kind="airborne", scanner="drone")]
        ['000_plain_drone.laz']
    """
    from volseg.synthetic.kinds import check_kind, write_kind

    folder = Path(out)
    options = {
        "terrain": terrain, "scanner": scanner, "density": density, "size": size, "founts": founts,
    }  # fmt: skip
    given = {name: value for name, value in options.items() if value is not None}
    check_kind(kind, given)
    made = []
    for path, told in write_kind(kind, folder, count, seed, given, overwrite):
        made.append(path)
        progress.note(f"{path}: {told}")
        progress.work("generating", len(made), count)
    return made
