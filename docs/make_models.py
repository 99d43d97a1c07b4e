"""Bundle a trained model, and write the cards of all that are bundled: ``make models``.

    python docs/make_models.py                                   # cards and NOTICE, from the files
    python docs/make_models.py aerial runs/aerial/best.safetensors
    volseg predict aerial KEPT_BACK -o labelled                  # by the file that is bundled now
    volseg evaluate labelled TRUTH --model aerial --json kept_back.json
    python docs/make_models.py aerial --score "LiDAR HD tiles kept back" kept_back.json

    python docs/make_models.py aerial --range runs/aerial        # of its run, where it has none yet
    python docs/make_models.py aerial --thing building=1,30      # has objects: metres, and points

A model is ``volseg/models/NAME.safetensors`` and, written by hand, ``NAME.yaml``. Scores lie with
the weights they were measured on; bundling other weights forgets them.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from torch import Tensor

from volseg.config import ScanConfig, ScanModelSpec, load_config, validate_model_spec
from volseg.errors import InputError
from volseg.geometry.labels import IGNORE
from volseg.io.atomic import read_json
from volseg.models import Bundled, DataSource, Measured, bundled, bundled_names, load_bundled
from volseg.models.load import load_model, save_model
from volseg.models.tensors import load_tensors
from volseg.runs.folder import CONFIG, DATA
from volseg.runs.scans.splits import load_split
from volseg.runs.scans.training import CACHE, learnt_range

CARDS = Path(__file__).with_name("models")
NOTICE = "NOTICE"


def pack(name: str, source: Path) -> None:
    """Bundle the weights of a run: kernels as float16, scores of training left out.

    Raises:
        InputError: if the source is no model, or a weight is too large for float16.
    """
    target = bundled.FOLDER / f"{name}{bundled.WEIGHTS}"
    weights, header = load_tensors(source)
    provenance = {key: one for key, one in header["provenance"].items() if key != "scores"}
    half = {key: _half(values) for key, values in weights.items()}
    wrong = [key for key, values in half.items() if not values.isfinite().all()]
    if wrong:
        raise InputError(f"weights of {wrong[0]} are too large for float16", path=source)
    save_model(target, validate_model_spec(header["spec"], source), half, provenance)
    load_model(target, "cpu")


def _half(values: Tensor) -> Tensor:
    """Kernels at half their size; the few numbers of a norm or a bias as they are."""
    return values.half() if values.is_floating_point() and values.ndim > 1 else values


def score(name: str, measured: Sequence[Measured]) -> None:
    """Keep scores with the weights they were measured on, in place of those there."""
    one = load_bundled(name)
    weights, _ = load_tensors(one.file)
    kept = [entry.model_dump(mode="json") for entry in measured]
    save_model(one.file, one.spec, weights, {**one.provenance, "measured": kept})


def measure_range(name: str, run: Path) -> None:
    """Keep with a model what the scans are like that a run trained on, as the run itself does.

    Raises:
        InputError: if the folder is no run, or the scans are not where they were.
    """
    config, data = load_config(run / CONFIG), read_json(run / DATA)
    if not isinstance(config, ScanConfig) or data is None:
        raise InputError("wanted the folder of a run on scans", path=run)
    train, _ = load_split(config, Path(data["data"]), run.parent / CACHE)
    one, learnt = load_bundled(name), learnt_range(config.train, config.voxels.features, train)
    weights, _ = load_tensors(one.file)
    kept = {} if learnt is None else {"range": asdict(learnt)}
    save_model(one.file, one.spec, weights, {**one.provenance, **kept})


def set_things(name: str, classes: Sequence[str]) -> None:
    """Say of a model's file which classes have objects; what it says of points stays.

    Args:
        name: the model.
        classes: ``CLASS=RADIUS,POINTS`` each: metres, and the points of the smallest object.
    """
    one = load_bundled(name)
    weights, header = load_tensors(one.file)
    for text in classes:
        entry, _, values = text.partition("=")
        radius, _, points = values.partition(",")
        said = {"thing": True, "radius": float(radius), "min_points": int(points)}
        header["spec"]["labels"]["classes"][entry].update(said)
    save_model(one.file, validate_model_spec(header["spec"], one.file), weights, one.provenance)


def write_pages(folder: Path = CARDS) -> list[Path]:
    """Write the card of every bundled model, and the notice of whose data they learnt from.

    Raises:
        InputError: if something about a model is still to be written.
    """
    models = [load_bundled(name) for name in bundled_names()]
    pages = {folder / f"{one.name}.md": card(one) for one in models}
    pages[bundled.FOLDER / NOTICE] = notice(models)
    for one in models:
        if one.card.unfilled:
            wrong = one.file.with_suffix(bundled.CARD)
            raise InputError("says FILL where something is still to be written", path=wrong)
    folder.mkdir(exist_ok=True)
    for path, text in pages.items():
        path.write_text(text, encoding="utf-8")
    return list(pages)


def card(model: Bundled) -> str:
    """A page about a model."""
    text, said = model.card, model.provenance
    data = "\n".join(f"- {_source(one)}" for one in text.data)
    command = f"```\n{text.command.strip()}\n```"
    trained = f"Seed {said['seed']}, {said['step']:,} steps, torch {said['torch']}."
    scores = "IoU on points, by the very weights of this version."
    parts = (
        f"# {model.name}",
        f"{text.summary[:1].upper()}{text.summary[1:]}.",
        f"```\nvolseg predict {model.name} SCAN -o OUT\n```",
        *_what(model),
        "## Data", data, text.split.strip(),
        "## Training", command, trained,
        "## Scores", scores, *(part for one in model.measured for part in _table(one)),
        "## Where it fails", "\n".join(f"- {one.strip()}" for one in text.fails),
    )  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _what(model: Bundled) -> tuple[str, str]:
    """Size, grid and features in a line, and a table of classes."""
    spec = model.spec
    assert isinstance(spec, ScanModelSpec)
    weights, _ = load_tensors(model.file)
    counted = ("running_mean", "running_var", "num_batches_tracked")  # by a norm, not learnt
    many = sum(one.numel() for key, one in weights.items() if not key.endswith(counted))
    facts = (
        f"{many:,} parameters, {model.file.stat().st_size / 1e6:.1f} MB; voxels of "
        f"{spec.voxels.size:g} m; features {_list(spec.voxels.features)}. "
        f"Licence of the weights: {model.card.licence}."
        f"{f' Learnt from {model.range}.' if model.range else ''}"
    )
    classes = (
        f"| {one.name} | {one.ids[0]} | {_list(one.ids)} | `{one.colour}` |"
        for one in model.labels.classes
    )
    head = "| class | id written | ids learnt from | colour |\n|---|---|---|---|"
    table = "\n".join((head, *classes))
    if model.labels.rest == IGNORE:
        return facts, f"{table}\n\nIt learnt nothing of any other id; in truth they count nowhere."
    return facts, table


def notice(models: Sequence[Bundled]) -> str:
    """Whose data the bundled models learnt from, as the licences of those data ask."""
    lines = ["The models in this folder were trained on these data.", ""]
    for one in models:
        lines += [
            f"{one.name}{bundled.WEIGHTS}",
            *(f"  {_source(data)}" for data in one.card.data),
            "",
        ]
    return "\n".join(lines) if models else "No model is in this folder.\n"


def _source(one: DataSource) -> str:
    where = f" {one.credit}" if one.credit else ""
    link = f" {one.url}" if one.url else ""
    return f"{one.name}, {one.licence}: {one.used.strip()}.{where}{link}"


def _table(one: Measured) -> tuple[str, str]:
    """A title and a table of scores."""
    rows = (
        f"| {name} | {_plain(it.iou)} | {_plain(it.precision)} | {_plain(it.recall)} "
        f"| {it.support:,} |"
        for name, it in one.classes.items()
    )
    total = sum(it.support for it in one.classes.values())
    head = "| class | IoU | precision | recall | points |\n|---|---|---|---|---|"
    mean = f"| **mean** | **{_plain(one.mean_iou)}** | | | {total:,} |"
    return f"**{one.on}**", "\n".join((head, *rows, mean))


def _plain(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _list(values: Iterable[object]) -> str:
    return ", ".join(map(str, values))


def main() -> None:
    """Do as the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="?")
    parser.add_argument("weights", nargs="?", type=Path, help="the file to bundle")
    parser.add_argument("--score", nargs=2, action="append", metavar=("ON", "JSON"))
    parser.add_argument("--range", type=Path, metavar="RUN", help="measure the scans of its run")
    parser.add_argument("--thing", action="append", metavar="CLASS=RADIUS,POINTS")
    given = parser.parse_args()
    try:
        if given.weights is not None:
            pack(given.name, given.weights)
        if given.range is not None:
            measure_range(given.name, given.range)
        if given.thing:
            set_things(given.name, given.thing)
        if given.score:
            read = ((on, json.loads(Path(file).read_text("utf-8"))) for on, file in given.score)
            score(given.name, [Measured.of(on, values) for on, values in read])
        print(*write_pages(), sep="\n")  # noqa: T201
    except InputError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
