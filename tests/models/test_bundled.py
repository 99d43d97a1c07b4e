"""Bundled models: which there are, and what they say of themselves."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from volseg.errors import InputError
from volseg.models import Measured, bundled_names, find_bundled, load_bundled

WORDS = """
summary: a model of a test
licence: Apache-2.0
data: [{ name: Hills, licence: CC0, used: two of them }]
split: One trained.
command: volseg train lidar/aerial
fails: [at night]
"""


@pytest.fixture
def one(bundled_folder: Path, aerial: Path) -> Path:
    file = aerial.rename(bundled_folder / "aerial.safetensors")
    file.with_suffix(".yaml").write_text(WORDS)
    return file


def test_there_may_be_none(bundled_folder: Path) -> None:
    assert bundled_names() == ()
    assert find_bundled("aerial") is None


def test_words_without_weights_are_no_model(bundled_folder: Path) -> None:
    (bundled_folder / "street.yaml").write_text(WORDS)
    assert bundled_names() == ()


def test_names_find_files(one: Path) -> None:
    assert bundled_names() == ("aerial",)
    assert find_bundled("aerial") == find_bundled(Path("aerial")) == one
    for other in ("street", "aerial.safetensors", "../aerial", "", ".", "Aerial "):
        assert find_bundled(other) is None


def test_a_model_says_what_it_is(one: Path) -> None:
    model = load_bundled("aerial")
    assert model.card.data[0].name == "Hills"
    assert model.labels.names == ("ground", "vegetation", "building", "other")
    assert model.measured == ()


def test_what_is_misspelt_is_named(one: Path) -> None:
    one.with_suffix(".yaml").write_text(WORDS.replace("licence: Apache", "license: Apache"))
    with pytest.raises(InputError, match=r"aerial\.yaml: .*did you mean 'licence'"):
        load_bundled("aerial")


def test_a_score_keeps_what_was_evaluated() -> None:
    figures = {"iou": 0.5, "precision": None, "recall": 1.0, "support": 3}
    evaluation = {
        "classes": {"a": figures | {"dice": 0.6}},
        "mean_iou": 0.5,
        "overall_accuracy": 0.9,
        "confusion": [[3]],
    }
    kept = Measured.of("a hill", evaluation)
    assert kept.model_dump() == {
        "on": "a hill", "classes": {"a": figures}, "mean_iou": 0.5, "overall_accuracy": 0.9,
    }  # fmt: skip


def test_torch_is_not_loaded() -> None:
    code = "import sys; from volseg.models import *; [load_bundled(n) for n in bundled_names()]"
    subprocess.run([sys.executable, "-c", f"{code}; sys.exit('torch' in sys.modules)"], check=True)
