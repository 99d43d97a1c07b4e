"""Make the pictures that README shows: ``make docs``."""

from __future__ import annotations

import tempfile
from pathlib import Path

from PIL import Image

from volseg import view
from volseg.config import load_config
from volseg.demo import draw, play, set_street
from volseg_cli.watch import TrainingWatch

MINUTES = 3.0
WIDTH = 1600
FOLDER = Path(__file__).with_name("pictures")


def main() -> None:
    """Play the demo's second act a little longer, and keep its picture."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        act = set_street(Path(work))
        with TrainingWatch(list(load_config(act.preset).labels.classes)) as watch:
            play(act, watcher=watch, minutes=MINUTES)
        draw(act, Path(work) / "street.png")
        with Image.open(Path(work) / "street.png") as large:
            small = large.resize((WIDTH, WIDTH * large.height // large.width), Image.LANCZOS)
        view.save(small.quantize(128), FOLDER / "street.png", overwrite=True)


main()
