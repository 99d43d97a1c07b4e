"""Plans, checks and made-up data: what is written, what is told, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

import volseg as vs
from volseg.config import load_config
from volseg.errors import InputError
from volseg.progress import Progress


class Heard(Progress):
    """Keeps what is at work, and whether it was ended."""

    def __init__(self) -> None:
        self.works: dict[str, tuple[float, float]] = {}

    def work(self, what: str, done: float, total: float) -> None:
        self.works[what] = (done, total)


def test_a_plan_is_what_its_file_holds(tmp_path: Path, balls: Path) -> None:
    heard, target = Heard(), tmp_path / "planned.yaml"
    plan = vs.plan(balls, target, memory="500MB", progress=heard)
    assert load_config(target) == plan.config
    assert all(done == total for done, total in heard.works.values())
    assert max(total for _, total in heard.works.values()) == 10
    with pytest.raises(InputError, match=r"planned\.yaml"):
        vs.plan(balls, target)


def test_a_check_finds_nothing_and_its_copy_neither(tmp_path: Path, balls: Path) -> None:
    heard = Heard()
    assert not vs.check(balls, tmp_path / "copy", progress=heard).problems
    assert not vs.check(tmp_path / "copy").problems
    assert heard.works
    assert all(done == total for done, total in heard.works.values())
    with pytest.raises(InputError, match="copy"):
        vs.check(balls, tmp_path / "copy")


def test_streets_depend_on_the_seed_alone(tmp_path: Path) -> None:
    one, two, other = (
        vs.generate(tmp_path / name, 1, seed=seed)[0].read_bytes()
        for name, seed in (("one", 3), ("two", 3), ("other", 4))
    )
    assert one == two != other


def test_training_is_silent_and_starts_from_another_model(
    world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    vs.train("boxes.yaml", "tiles", "runs/new", minutes=0.01, pretrained="runs/boxes")
    assert capsys.readouterr() == ("", "")
    assert "pretrained: runs/boxes" in Path("runs/new/config.yaml").read_text()
    with pytest.raises(vs.ConfigError, match="no such file or preset"):
        vs.train("lidar/nowhere", "tiles", "runs/none")
