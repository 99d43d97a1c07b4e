"""Where the data of a run is, and whether the same of it would be held out today."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from volseg.errors import InputError
from volseg.runs.folder import noted_data


def data_of(run: Path) -> Path:
    """Where the data of a run was when it was trained.

    Raises:
        InputError: if the run does not say, or the data is there no more.
    """
    noted = noted_data(run)
    if noted is None:
        raise InputError("does not say what it was trained on; name that by --data", path=run)
    if not noted[0].exists():
        raise InputError(
            f"was trained on {noted[0]}, which is not there now; name the data by --data", path=run
        )
    return noted[0]


def check_held_out(run: Path, data: Path, names: Sequence[str]) -> None:
    """Refuse data of which something else would be held out than in training.

    Raises:
        InputError: naming what differs.
    """
    noted = noted_data(run)
    if noted is None or sorted(noted[1]) == sorted(names):
        return
    differ = sorted(set(noted[1]).symmetric_difference(names))
    raise InputError(
        f"is not what {run} was trained on: what is held out differs by {', '.join(differ[:3])}"
        f"{' and more' if len(differ) > 3 else ''}; name that data by --data",
        path=data,
    )


def nothing_held_out(run: Path) -> InputError:
    """What to raise of a run that trained on everything."""
    return InputError(
        "held nothing out to score; compare predictions with truth instead: "
        "volseg report PREDICTED TRUTH",
        path=run,
    )
