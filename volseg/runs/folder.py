"""A run folder: what the loop tells it is logged and saved, to be used or resumed."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
import yaml
from torch import nn

from volseg._version import __version__
from volseg.config import Config, validate_spec
from volseg.data.scans.range import Range
from volseg.errors import InputError
from volseg.io.atomic import make_folder, write_files
from volseg.io.tables import csv_text
from volseg.models.load import save_model
from volseg.models.tensors import (
    LAST,
    MODEL,
    STATE,
    load_tensors,
    optimizer_tensors,
    restore_optimizer,
    save_tensors,
)
from volseg.progress import Epoch, Progress
from volseg.runs.pictures import Draw, RunPictures
from volseg.runs.tensorboard import Scalars
from volseg.train.loop import TrainState

LOG, CONFIG, DATA = "log.csv", "config.yaml", "data.json"
RENAMED = {"told": "logged"}
"""Fields of `TrainState` by the names that older states have for them."""


@dataclass(eq=False)
class Run(Progress):
    """One run and its folder: logs and saves what the loop tells, and passes it on."""

    folder: Path
    config: Config
    net: nn.Module
    optimizer: torch.optim.Optimizer
    state: TrainState
    progress: Progress
    samples: Draw | None = None
    learnt: Range | None = None

    def __post_init__(self) -> None:
        """Nothing is drawn or written yet."""
        labels, warn = self.config.labels.label_map(), self.progress.note
        self.pictures = RunPictures(self.folder, labels, self.net, self.samples, warn)
        self.scalars = Scalars(self.folder, warn)

    def step(self, share: float, loss: float) -> None:
        """Pass a step on."""
        self.progress.step(share, loss)

    def epoch(self, epoch: Epoch) -> None:
        """Log an epoch and save the best, the last and the state to resume from."""
        row = _row(epoch)
        self.state.history.append(row)
        score = -math.inf if epoch.validation is None else epoch.validation.mean
        # Without a score (none validates, or no point of it is labelled) the latest is the best.
        best = not score <= self.state.best or epoch.validation is None
        if best:
            self.state.best = score
            self._save_model(MODEL, row)
        self.save()
        self.progress.epoch(replace(epoch, best=best))
        self.scalars.add(row)
        self.pictures.update(self.state)

    def save(self) -> None:
        """Write the last model, the state to resume from, and the log."""
        self._save_model(LAST, {})
        weights = {f"net.{name}": value for name, value in self.net.state_dict().items()}
        header = {"progress": asdict(self.state), "config": self.config.model_dump(mode="json")}
        save_tensors(self.folder / STATE, weights | optimizer_tensors(self.optimizer), header)
        self.save_first()
        _write_log(self.folder / LOG, self.state.history)

    def save_first(self) -> None:
        """Write a model where no epoch has left one."""
        if not (self.folder / MODEL).exists():
            self._save_model(MODEL, {})

    def restore(self) -> bool:
        """Take up weights, optimizer and progress where `save` left them; whether it ever did.

        Raises:
            InputError: if the folder holds the state of another config.
        """
        path = self.folder / STATE
        if not path.exists():
            return False
        tensors, header = load_tensors(path)
        # Read as a config, so that what has been added since has its default.
        earlier = validate_spec(type(self.config), header.get("config"), path)
        before, now = (one.model_dump(mode="json") for one in (earlier, self.config))
        for values in (before, now):
            del values["train"]["epochs"]
        # As text: the order of the classes counts.
        changed = sorted(key for key in now if json.dumps(before.get(key)) != json.dumps(now[key]))
        if changed:
            raise InputError(
                f"the run was started with another config ({', '.join(changed)} differ); "
                "resume with the same config, or train into another folder",
                path=path,
            )
        weights = {
            name.removeprefix("net."): value
            for name, value in tensors.items()
            if name.startswith("net.")
        }
        self.net.load_state_dict(weights)
        restore_optimizer(self.optimizer, tensors)
        for name, value in header["progress"].items():
            setattr(self.state, RENAMED.get(name, name), value)
        self.pictures.drawn = len(self.state.history)
        return True

    def _save_model(self, name: str, scores: dict[str, Any]) -> None:
        provenance = {
            "volseg": __version__,
            "torch": torch.__version__,
            "seed": self.config.seed,
            "step": self.state.step,
            "scores": scores,
        }
        if self.learnt is not None:
            provenance["range"] = asdict(self.learnt)
        save_model(self.folder / name, self.config.model_spec(), self.net.state_dict(), provenance)


def is_begun(out: Path) -> bool:
    """Whether a run has made this folder its own; killed early, it has no state yet."""
    return any((out / name).exists() for name in (STATE, CONFIG))


def check_folders(outs: Sequence[Path], *, resume: bool) -> list[bool]:
    """Which of the folders of a run, one a fold, hold one to go on with.

    Raises:
        InputError: if a new run would overwrite one of them, or none has a run to resume.
    """
    files = [out for out in outs if out.exists() and not out.is_dir()]
    if files:
        raise InputError("is a file; wanted a folder for the run", path=files[0])
    begun = [resume and is_begun(out) for out in outs]
    if resume and not any(begun):
        raise InputError(
            f"holds no run to go on with (no {STATE}); leave out --resume", path=outs[0]
        )
    for out in (out for out, goes_on in zip(outs, begun, strict=True) if not goes_on):
        left = [name for name in (STATE, MODEL, LAST, LOG, CONFIG) if (out / name).exists()]
        if left:
            raise InputError(
                f"already holds {left[0]}; go on with a run by --resume, or name another folder",
                path=out,
            )
    return begun


def open_folder(out: Path, config: Config) -> None:
    """Make the run folder and keep the whole config in it."""
    make_folder(out)
    text = yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
    write_files({out / CONFIG: text.encode()}, overwrite=True)


def note_data(out: Path, data: Path, held_out: Sequence[str]) -> None:
    """Keep in the run folder where its data is, and the names of what is held out."""
    noted = {"data": str(data.absolute()), "held_out": list(held_out)}
    write_files({out / DATA: json.dumps(noted, indent=1).encode()}, overwrite=True)


def noted_data(out: Path) -> tuple[Path, tuple[str, ...]] | None:
    """What `note_data` kept; None in a folder without it.

    Raises:
        InputError: if the file holds something else.
    """
    path = out / DATA
    if not path.is_file():
        return None
    try:
        noted = json.loads(path.read_text(encoding="utf-8"))
        return Path(noted["data"]), tuple(map(str, noted["held_out"]))
    except (OSError, ValueError, TypeError, KeyError):
        raise InputError("does not say where the data of a run is; remove it", path=path) from None


def _row(epoch: Epoch) -> dict[str, Any]:
    row: dict[str, Any] = {
        "epoch": epoch.number,
        "seconds": round(epoch.seconds, 1),
        "learning_rate": epoch.learning_rate,
        "loss": epoch.loss,
    }
    if epoch.validation is not None:
        measure = epoch.validation.measure.lower()
        row[f"mean_{measure}"] = epoch.validation.mean
        row |= {f"{measure}_{name}": one for name, one in epoch.validation.by_class.items()}
    return row


def _write_log(path: Path, history: Sequence[dict[str, Any]]) -> None:
    if not history:
        return
    rows = ([row.get(key) for key in history[0]] for row in history)
    write_files({path: csv_text(history[0], rows, "\r\n").encode()}, overwrite=True)
