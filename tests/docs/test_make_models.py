"""Bundling a model and writing its card; and the cards of those that are bundled."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from docs import make_models
from volseg.config import ScanModelSpec
from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.metrics.confusion import Confusion
from volseg.models import Measured, bundled, bundled_names, load_bundled
from volseg.models.load import load_scan_model, save_model
from volseg.models.tensors import load_tensors

WORDS = """
summary: a model of a test
licence: Apache-2.0
data:
  - { name: Hills, licence: CC0, credit: by Ann, url: "https://hills.example", used: two of them }
split: One trained.
command: volseg train lidar/aerial
fails: [at night]
"""


@pytest.fixture
def packed(bundled_folder: Path, aerial: Path) -> Path:
    """The test's model, bundled."""
    (bundled_folder / "aerial.yaml").write_text(WORDS)
    make_models.pack("aerial", aerial)
    return bundled_folder / "aerial.safetensors"


def measured(model: Path, cloud: PointCloud) -> Measured:
    """Scores of a model on a labelled scan."""
    segment = load_scan_model(model, "cpu")
    assert cloud.labels is not None
    confusion = Confusion(len(segment.labels))
    found = segment(cloud).labels
    assert found is not None
    confusion.update(segment.labels.encode(cloud.labels), segment.labels.encode(found))
    return Measured.of("boxes", json.loads(json.dumps(confusion.to_json(segment.labels.names))))


def test_kernels_are_half_as_large_and_all_else_is_as_it_was(packed: Path, aerial: Path) -> None:
    before, header = load_tensors(aerial)
    after, kept = load_tensors(packed)
    assert packed.stat().st_size < 0.55 * aerial.stat().st_size
    assert kept["spec"] == header["spec"]
    assert kept["provenance"] == {k: v for k, v in header["provenance"].items() if k != "scores"}
    assert before.keys() == after.keys()
    for name, values in before.items():
        torch.testing.assert_close(after[name].to(values.dtype), values, rtol=2**-11, atol=2**-24)
        assert (after[name].dtype == values.dtype) == (values.ndim < 2)


def test_packing_what_is_packed_changes_nothing(packed: Path) -> None:
    data = packed.read_bytes()
    make_models.pack("aerial", packed)
    assert packed.read_bytes() == data


def test_weights_beyond_float16_are_refused(bundled_folder: Path, aerial: Path) -> None:
    weights, header = load_tensors(aerial)
    name = next(key for key, values in weights.items() if values.ndim > 1)
    weights[name][0] = 1e6
    save_model(aerial, ScanModelSpec.model_validate(header["spec"]), weights, header["provenance"])
    with pytest.raises(InputError, match=f"weights of {name} are too large"):
        make_models.pack("aerial", aerial)
    assert not any(bundled_folder.iterdir())


def test_scores_stay_with_the_weights_they_were_measured_on(
    packed: Path, aerial: Path, boxes: Callable[..., PointCloud]
) -> None:
    before = load_scan_model(packed, "cpu")(boxes(1))
    wanted = measured(packed, boxes(0))
    make_models.score("aerial", [wanted])
    assert load_bundled("aerial").measured == (wanted,)
    after = load_scan_model(packed, "cpu")(boxes(1))
    np.testing.assert_array_equal(after.confidence, before.confidence)
    text = make_models.card(load_bundled("aerial"))
    assert f"| ground | {wanted.classes['ground'].iou:.3f} |" in text
    assert "**boxes**" in text
    make_models.pack("aerial", aerial)
    assert load_bundled("aerial").measured == ()


def test_classes_become_things_and_all_else_stays(packed: Path) -> None:
    before, header = load_tensors(packed)
    make_models.set_things("aerial", ["building=1.5,30", "other=0.5,10"])
    one, (after, now) = load_bundled("aerial"), load_tensors(packed)
    assert [one.labels.names[k] for k in one.labels.things] == ["building", "other"]
    assert (one.labels.classes[2].radius, one.labels.classes[2].min_points) == (1.5, 30)
    assert now["provenance"] == header["provenance"]
    assert all(torch.equal(after[name], values) for name, values in before.items())


def test_the_range_of_its_run_is_kept_with_a_model(
    packed: Path, run_folder: Path, tmp_path: Path
) -> None:
    before, _ = load_tensors(packed)
    make_models.measure_range("aerial", run_folder)
    after, header = load_tensors(packed)
    trained = load_tensors(run_folder / "best.safetensors")[1]["provenance"]["range"]
    assert header["provenance"]["range"] == trained
    assert all(torch.equal(after[name], values) for name, values in before.items())
    said = load_bundled("aerial").range
    assert f"Learnt from {said}." in make_models.card(load_bundled("aerial"))
    with pytest.raises(InputError, match="no such"):
        make_models.measure_range("aerial", tmp_path / "nowhere")


def test_a_card_says_all_that_was_written(packed: Path, tmp_path: Path) -> None:
    card, notice = make_models.write_pages(tmp_path)
    text = card.read_text()
    for said in ("A model of a test.\n", "Hills, CC0: two of them. by Ann", "One trained.",
                 "volseg train lidar/aerial", "- at night", "| building | 6 |"):  # fmt: skip
        assert said in text
    assert notice == packed.with_name("NOTICE")
    assert "Hills, CC0: two of them. by Ann https://hills.example" in notice.read_text()


def test_nothing_half_written_is_bundled(packed: Path, tmp_path: Path) -> None:
    words = packed.with_suffix(".yaml")
    words.write_text(WORDS.replace("One trained.", "FILL which"))
    with pytest.raises(InputError, match=r"aerial\.yaml: says FILL"):
        make_models.write_pages(tmp_path)
    assert not any(tmp_path.iterdir())


def test_the_pages_are_those_of_the_models_that_are_bundled() -> None:
    models = [load_bundled(name) for name in bundled_names()]
    assert not any(one.card.unfilled for one in models)
    assert (bundled.FOLDER / "NOTICE").read_text("utf-8") == make_models.notice(models)
    pages = {one.stem: one.read_text("utf-8") for one in make_models.CARDS.glob("*.md")}
    assert pages == {one.name: make_models.card(one) for one in models}


@pytest.mark.parametrize("name", bundled_names())
def test_a_bundled_model_is_small_and_measured(name: str) -> None:
    one = load_bundled(name)
    assert one.file.stat().st_size < 8e6
    assert one.measured
    weights, _ = load_tensors(one.file)
    for values in weights.values():
        assert values.isfinite().all()
        assert values.dtype == torch.float16 or values.ndim < 2
