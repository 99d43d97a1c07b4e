"""A network of one's own is trained, saved, loaded and used as volseg's are, on both kinds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

import volseg as vs
from volseg.errors import InputError
from volseg.models.header import read_header
from volseg.models.load import load_model

KIND = "tests.runs.laws.test_own_networks"
SHORT = ("train.epochs=1", "train.steps=6", "train.batch=1")


class Layers(nn.Module):
    """Two convolutions: no skips, no stages, no head of a name that volseg knows."""

    def __init__(self, channels: int, classes: int, nd: int = 3) -> None:
        super().__init__()
        self.first, self.last = (
            vs.nn.Conv(nd, channels, 8, 3),
            vs.nn.Conv(nd, 8, classes, 1),
        )

    def forward(self, x: Any) -> Any:
        return self.last(vs.nn.functional.activation(self.first(x), "relu"))


class Seeing(Layers):
    """The same, which says how far it sees."""

    reach = vs.nn.Reach((1, 1, 1), (1, 1, 1), (1, 1, 1))


def scan_net() -> nn.Module:
    torch.manual_seed(3)
    return Seeing(5, 2)


def volume_net() -> nn.Module:
    torch.manual_seed(3)
    return Layers(1, 2)


@pytest.fixture(scope="module")
def runs(
    tmp_path_factory: pytest.TempPathFactory,
    scene_folder: Path,
    config_file: Path,
    balls: Path,
    balls_file: Path,
) -> dict[str, Path]:
    """A run on each kind of data."""
    from volseg.config import load_config

    folder = tmp_path_factory.mktemp("own")
    for name, file, data, net in (
        ("scan", config_file, scene_folder, scan_net()),
        ("volume", balls_file, balls, volume_net()),
    ):
        config = load_config(file, [*SHORT, "train.loss.kind=focal", "train.loss.weights=null"])
        assert not vs.train(config, data, folder / name, net=net, device="cpu")
    return {
        "scan": folder / "scan" / "best.safetensors",
        "volume": folder / "volume" / "fold_0" / "best.safetensors",
    }


NETS = {"scan": scan_net, "volume": volume_net}


@pytest.fixture(params=NETS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def of(kind: str, scene_folder: Path, balls: Path) -> Any:
    if kind == "scan":
        return vs.read(scene_folder / "b.laz")
    return vs.read(balls / "imagesTr" / "case_000_0000.nii.gz")


def labels_of(result: Any) -> NDArray[Any]:
    return np.asarray(result.labels if isinstance(result, vs.PointCloud) else result.array)


def test_the_file_names_the_class(runs: dict[str, Path], kind: str) -> None:
    net = read_header(runs[kind])["spec"]["net"]
    assert (net["kind"], net["import_path"]) == ("own", f"{KIND}.{type(NETS[kind]()).__qualname__}")


def test_without_the_network_one_line_says_what_to_pass(runs: dict[str, Path], kind: str) -> None:
    with pytest.raises(InputError, match=r"own, .*\..* pass it to vs\.load.*net=") as error:
        vs.load(runs[kind], "cpu")
    assert str(runs[kind]) in str(error.value)
    assert "\n" not in str(error.value)


def test_it_is_trained_and_used_again(
    runs: dict[str, Path], kind: str, scene_folder: Path, balls: Path
) -> None:
    net, source = NETS[kind](), of(kind, scene_folder, balls)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    loaded = labels_of(vs.load(runs[kind], "cpu", net=net)(source))
    segmented = labels_of(vs.segment(source, model=runs[kind], net=net, device="cpu"))
    np.testing.assert_array_equal(loaded, segmented)
    assert all(torch.equal(before[name], value) for name, value in net.state_dict().items())
    (trained,) = [load_model(runs[kind], "cpu", net=net)]
    weights = (trained.net if kind == "scan" else trained.nets[0]).state_dict()  # type: ignore[union-attr]
    assert any(not torch.equal(before[name], value) for name, value in weights.items())


def test_a_run_goes_on(
    runs: dict[str, Path], kind: str, tmp_path: Path, scene_folder: Path, balls: Path
) -> None:
    import shutil

    from volseg.config import load_config

    (kept,) = [runs["scan"].parent if kind == "scan" else runs["volume"].parents[1]]
    out = shutil.copytree(kept, tmp_path / "run")
    file = out / "config.yaml" if kind == "scan" else out / "fold_0" / "config.yaml"
    config = load_config(file, ["train.epochs=2"])
    data = scene_folder if kind == "scan" else balls
    assert not vs.train(config, data, out, net=NETS[kind](), resume=True, device="cpu")
    assert (file.parent / "log.csv").read_text().count("\n") == 3


def test_how_far_it_sees_is_what_it_says() -> None:
    from volseg.nn.receptive import receptive_field, total_stride

    assert receptive_field(scan_net()) == Seeing.reach
    assert total_stride(scan_net()) == (1, 1, 1)
    assert receptive_field(volume_net()) is None


def test_what_it_says_is_what_it_sees() -> None:
    """A cell farther than its reach changes nothing, and one as far does."""
    net, x = scan_net(), torch.zeros(1, 5, 7, 7, 7)
    moved = x.clone()
    moved[:, :, 0] = 1.0
    with torch.no_grad():
        changed: Tensor = (net(moved) != net(x)).any(1)[0, :, 3, 3]
    assert changed.tolist() == [True, True, False, False, False, False, False]


@pytest.mark.parametrize(("channels", "classes"), [(5, 3), (5, 1)])
def test_a_wrong_output_is_told_before_anything_is_written(
    tmp_path: Path, config_file: Path, scene_folder: Path, channels: int, classes: int
) -> None:
    net = Layers(channels, classes)
    with pytest.raises(InputError, match=rf"shape \(\d+, {classes}\).*wanted \(\d+, 2\)"):
        vs.train(config_file, scene_folder, tmp_path / "run", net=net, device="cpu")
    assert not (tmp_path / "run").exists()


def test_a_network_is_not_wanted_where_the_model_has_one(run_folder: Path) -> None:
    with pytest.raises(InputError, match=r"kind unet; leave out net"):
        vs.load(run_folder, "cpu", net=scan_net())
    with pytest.raises(InputError, match=r"this one has its network"):
        vs.segment(np.zeros((4, 4)), model=vs.load(run_folder, "cpu"), net=scan_net())


def test_weights_of_another_network_are_refused(runs: dict[str, Path]) -> None:
    with pytest.raises(InputError, match="the weights do not fit"):
        vs.load(runs["scan"], "cpu", net=Layers(5, 4))


def test_a_loss_of_one_s_own_is_what_is_made_small(
    tmp_path: Path, config_file: Path, scene_folder: Path, balls: Path, balls_file: Path
) -> None:
    from volseg.config import load_config

    seen: list[torch.Size] = []

    def loss(logits: Tensor, target: Tensor) -> Tensor:
        seen.append(logits.shape)
        return vs.losses.cross_entropy(logits, target)

    for file, data, name in ((config_file, scene_folder, "scan"), (balls_file, balls, "volume")):
        config = load_config(file, [*SHORT, "train.steps=1"])
        vs.train(config, data, tmp_path / name, loss=loss, device="cpu")
    assert [len(shape) for shape in seen] == [2, 5, 5]  # the ball's net has two supervised stages
