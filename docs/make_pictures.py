"""Make the pictures that README shows: ``make pictures``, or one of them by its name."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from zipfile import ZipFile

import nibabel
import numpy as np
from PIL import Image

import volseg as vs
from volseg.config import load_config
from volseg.demo import Result, play_street
from volseg.io import read_volume
from volseg.io.volumes.files import write_label_volume
from volseg.models.load import load_volume_model
from volseg.runs.train import train
from volseg.synthetic.field import generate_field
from volseg.synthetic.pages import generate_page
from volseg.view import save
from volseg.view.volumes.preview import preview_volume
from volseg_cli.watch import TrainingWatch

FOLDER = Path(__file__).with_name("pictures")
WIDTH, COLOURS = 1600, 128
STREET, BRAIN, PAGE, SCAN = "street", "brain", "report", "real_page"
DRAWN = {"pages": generate_page, "field": generate_field}
"""What is generated, beside the classes of its preset."""
SCREEN = (1280, 1500)

TEMPLATE = "nilearn/datasets/data/mni_icbm152_{}_tal_nlin_sym_09a_converted.nii.gz"
CONFIG = """
labels:
  classes: { background: { ids: [0] }, grey matter: { ids: [1] }, white matter: { ids: [2] } }
images:
  channels: [{ name: T1, normalize: zscore }]
  spacing: [2, 2, 2]
  patch: [32, 32, 32]
  mirror: [0]
net: { widths: [8, 16, 32], block: plain }
train: { steps: 50, batch: 4, learning_rate: 0.01, loss: { kind: dice_ce, weights: null } }
"""


def main() -> None:
    """Draw what is asked for; the brain takes a run of so many minutes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=[STREET, BRAIN, PAGE, *DRAWN])
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--nilearn", type=Path, help="its wheel, which holds the template")
    parser.add_argument("--scikit-image", type=Path, help=f"for {SCAN}: its wheel")
    parser.add_argument("--run", type=Path, help=f"for {SCAN}: a run of image/pages")
    options = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        if {STREET, PAGE} & set(options.names):
            street = play_street(Path(work))
            if STREET in options.names:
                keep(street.draw(), STREET)
            if PAGE in options.names:
                draw_page(street, Path(work))
        for name in DRAWN.keys() & set(options.names):
            keep(draw_generated(name), name, 64)
        if SCAN in options.names:
            keep(draw_scan(options.scikit_image, options.run, Path(work)), SCAN, 64)
        if BRAIN in options.names:
            draw_brain(options.nilearn, Path(work), options.minutes)


def draw_generated(name: str, count: int = 4) -> Image.Image:
    """Generated pictures in a row, their classes below in the colours of the preset."""
    colours = load_config(f"image/{name}").labels.label_map().colours
    made = [DRAWN[name](seed) for seed in range(count)]
    rows, columns = (max(sides) for sides in zip(*(one.labels.shape for one in made), strict=True))
    canvas = Image.new("RGB", (count * (columns + 8), 2 * rows + 8), "white")
    for number, one in enumerate(made):
        left = number * (columns + 8)
        canvas.paste(Image.fromarray(one.image), (left, 0))
        canvas.paste(Image.fromarray(colours[one.labels]), (left, rows + 8))
    return canvas


def draw_scan(wheel: Path, run: Path, work: Path) -> Image.Image:
    """The photographed page that scikit-image comes with, and below what a run makes of it."""
    with ZipFile(wheel) as archive:
        page = Path(archive.extract("skimage/data/page.png", work))
    labelled = work / "labels.png"
    vs.segment(page, labelled, model=run)
    classes = load_volume_model(run).labels.colours[np.asarray(Image.open(labelled))]
    image = np.asarray(Image.open(page).convert("RGB"))
    return Image.fromarray(np.concatenate((image, np.full_like(image[:6], 255), classes)))


def draw_page(street: Result, work: Path) -> None:
    """The report of the street, as Chromium shows it; left as it was without Chromium."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print(f"{PAGE}.png stays as it was: Chromium is not installed")  # noqa: T201
        return
    page, picture = work / "report.html", work / "report.png"
    command = [sys.executable, "-m", "volseg_cli", "report", street.labelled, street.truth]
    subprocess.run([*command, "--model", street.model, "-o", page], check=True)
    width, height = SCREEN
    subprocess.run(
        [
            chromium, "--headless=new", "--no-sandbox", "--use-angle=swiftshader",
            "--enable-unsafe-swiftshader", "--hide-scrollbars", "--virtual-time-budget=30000",
            f"--window-size={width},{height}", f"--screenshot={picture}", page.as_uri(),
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    keep(Image.open(picture), PAGE, 256)


def draw_brain(wheel: Path, work: Path, minutes: float) -> None:
    """A network that has seen the back of a brain outlines the tissues of its front.

    The brain is the MNI152 template that nilearn comes with.
    """
    back, front = cut_template(wheel, work)
    config = work / "brain.yaml"
    config.write_text(CONFIG)
    with TrainingWatch() as watch:
        train(
            load_config(str(config)), back, work / "brain",
            progress=watch, folds=[None], minutes=minutes,
        )  # fmt: skip
    model = load_volume_model(work / "brain")
    labelled = work / "front of a brain.nii.gz"
    write_label_volume(labelled, model.label(read_volume([front])), like=front)
    keep(preview_volume([front], labelled, model.labels), BRAIN)


def cut_template(wheel: Path, work: Path) -> tuple[Path, Path]:
    """A dataset of the back half of the template, and an image of its front half."""
    with ZipFile(wheel) as archive:
        parts = (archive.extract(TEMPLATE.format(name), work) for name in ("t1", "gm", "wm"))
        images = [nibabel.load(part) for part in parts]
    head, grey, white = (np.asarray(one.dataobj, dtype=np.float32) for one in images)
    tissues = np.stack([np.full_like(head, 0.5 * grey.max()), grey, white]).argmax(axis=0)
    half, affine = head.shape[1] // 2, images[0].affine
    shifted = affine @ np.array([[1, 0, 0, 0], [0, 1, 0, half], [0, 0, 1, 0], [0, 0, 0, 1]])
    data = work / "template"
    for folder, array in (("images", head), ("labels", tissues.astype(np.uint8))):
        (data / folder).mkdir(parents=True)
        nibabel.save(nibabel.Nifti1Image(array[:, :half], affine), data / folder / "back.nii.gz")
    front = work / "front.nii.gz"
    nibabel.save(nibabel.Nifti1Image(head[:, half:], shifted), front)
    return data, front


def keep(image: Image.Image, name: str, colours: int = COLOURS) -> None:
    """Write a picture small enough for a README, in so many colours."""
    size = WIDTH, WIDTH * image.height // image.width
    small = image.convert("RGB")
    if image.width > WIDTH:
        small = small.resize(size, Image.Resampling.LANCZOS)
    save(small.quantize(colours, Image.Quantize.FASTOCTREE), FOLDER / f"{name}.png", overwrite=True)


main()
