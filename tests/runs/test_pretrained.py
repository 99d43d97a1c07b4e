"""Starting from a trained model: what is taken, what is not, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from volseg.config import ScanConfig, VolumeConfig, load_config
from volseg.data.scans.features import parse_features
from volseg.errors import InputError
from volseg.models.load import load_net, save_model
from volseg.models.nets import build_net
from volseg.progress import Progress
from volseg.runs.folder import Run
from volseg.runs.pretrained import adopt, load_pretrained
from volseg.runs.recipe import build_optimizer
from volseg.runs.train import train
from volseg.train.loop import TrainState

SMALL = ("net.widths=[4, 8]",)


@pytest.fixture
def trained(tmp_path: Path, config_file: Path) -> Path:
    """A model of ground and box, its weights by chance."""
    config = load_config(config_file, SMALL)
    torch.manual_seed(1)
    path = tmp_path / "trained.safetensors"
    save_model(path, config.model_spec(), build_net(config).state_dict(), {})
    return path


def starting(config_file: Path, model: Path, *changes: str) -> ScanConfig:
    config = load_config(config_file, [*SMALL, f"train.pretrained={model}", *changes])
    assert isinstance(config, ScanConfig)
    return config


class TestWeights:
    def test_are_all_taken_by_a_run_on_the_same_classes(
        self, config_file: Path, trained: Path
    ) -> None:
        config = starting(config_file, trained)
        net = build_net(config)
        assert load_pretrained(net, config, trained) == ("ground", "box")
        for name, value in load_net(trained)[1].state_dict().items():
            assert torch.equal(net.state_dict()[name], value), name

    def test_of_classes_go_by_name(self, config_file: Path, trained: Path) -> None:
        classes = "labels.classes={tree: {ids: [5]}, box: {ids: [6]}, ground: {ids: [2]}}"
        config = starting(config_file, trained, classes)
        net = build_net(config)
        fresh = net.head.weight.detach().clone()  # type: ignore[union-attr, operator]
        assert load_pretrained(net, config, trained) == ("box", "ground")
        theirs, ours = load_net(trained)[1].head.weight, net.head.weight
        assert torch.equal(ours[0], fresh[0])  # type: ignore[index]
        assert torch.equal(ours[1], theirs[1])  # type: ignore[index]
        assert torch.equal(ours[2], theirs[0])  # type: ignore[index]

    @pytest.mark.parametrize(("theirs", "ours"), [(0, 0), (4, 4), (0, 4), (4, 0)])
    def test_of_votes_are_taken_where_both_vote_alike(
        self, config_file: Path, tmp_path: Path, theirs: int, ours: int
    ) -> None:
        thing = "labels.classes.box.grouping=centre"
        config = load_config(config_file, [*SMALL, thing, f"net.pyramid={theirs}"])
        model, there = tmp_path / "votes.safetensors", build_net(config)
        torch.nn.init.normal_(there.head.weight)
        save_model(model, config.model_spec(), there.state_dict(), {})
        mine = starting(config_file, model, thing, f"net.pyramid={ours}")
        net = build_net(adopt(mine)[0])
        assert load_pretrained(net, mine, model) == ("ground", "box")
        own, given = (list(of.parameters())[-2:] for of in (net, there))
        taken = [torch.equal(*pair) for pair in zip(own, given, strict=True)]
        assert all(taken) == (theirs == ours)
        assert torch.equal(net.head.weight[:2], there.head.weight[:2])

    def test_of_volumes_are_taken_with_those_of_supervised_stages(
        self, balls_file: Path, tmp_path: Path
    ) -> None:
        changes = ["net.widths=[4, 8, 12]", "net.supervised=1"]
        config = load_config(balls_file, changes)
        assert isinstance(config, VolumeConfig)
        model = tmp_path / "balls.safetensors"
        save_model(model, config.model_spec(), build_net(config).state_dict(), {})
        ours = load_config(balls_file, [*changes, f"train.pretrained={model}"])
        assert isinstance(ours, VolumeConfig)
        net, found = build_net(ours), adopt(ours)[1]
        assert found == model
        assert load_pretrained(net, ours, found) == tuple(config.labels.classes)
        for name, value in load_net(model)[1].state_dict().items():
            assert torch.equal(net.state_dict()[name], value), name

    def test_of_an_optional_feature_are_those_of_the_feature(
        self, config_file: Path, tmp_path: Path
    ) -> None:
        config = load_config(config_file, [*SMALL, 'voxels.features=[offset, "intensity?"]'])
        model = tmp_path / "optional.safetensors"
        save_model(model, config.model_spec(), build_net(config).state_dict(), {})
        ours = starting(config_file, model, "voxels.features=[offset, intensity]")
        assert adopt(ours)[1] == model


class TestRefusals:
    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ("net.widths=[4, 12]", r"net\.widths is \[4, 8\], the config's \[4, 12\]"),
            ("net.depth=2", r"net\.depth is 1, the config's 2"),
            ("voxels.features=[offset]", r"voxels\.features is \[.*\], the config's \[offset\]"),
        ],
    )
    def test_name_what_differs(
        self, config_file: Path, trained: Path, change: str, words: str
    ) -> None:
        with pytest.raises(InputError, match=words):
            adopt(starting(config_file, trained, change))[1]

    def test_of_a_model_that_is_not_there(self, config_file: Path, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="no such run folder or model file"):
            adopt(starting(config_file, tmp_path / "nothing"))[1]

    def test_of_a_model_of_another_kind(self, balls_file: Path, trained: Path) -> None:
        config = load_config(balls_file, [f"train.pretrained={trained}"])
        with pytest.raises(InputError, match="segments scans; wanted a model of volumes"):
            adopt(config)[1]

    def test_of_several_models(self, balls_file: Path, tmp_path: Path) -> None:
        config = load_config(balls_file, [f"train.pretrained={tmp_path}"])
        assert isinstance(config, VolumeConfig)
        for fold in ("fold_0", "fold_1"):
            (tmp_path / fold).mkdir()
            weights = build_net(config).state_dict()
            save_model(tmp_path / fold / "best.safetensors", config.model_spec(), weights, {})
        with pytest.raises(InputError, match=r"holds 2 models; .*fold_0"):
            adopt(config)[1]


class TestAdopted:
    @pytest.fixture
    def bare(self, tmp_path: Path) -> Path:
        """A config that names neither network nor features, with ids of its own."""
        text = (
            "labels: {classes: {box: {ids: [6]}, ground: {ids: rest, write: 2}}}\nvoxels: {size: 1}"
        )
        (tmp_path / "bare.yaml").write_text(text + "\ntrain: {crop: 10, steps: 1, epochs: 1}")
        return tmp_path / "bare.yaml"

    @pytest.fixture
    def model(self, tmp_path: Path, config_file: Path) -> Path:
        config = load_config(config_file, [*SMALL, "voxels.features=[offset, height]"])
        path = tmp_path / "other.safetensors"
        save_model(path, config.model_spec(), build_net(config).state_dict(), {})
        return path

    def test_is_what_the_config_leaves_out(self, bare: Path, model: Path, tmp_path: Path) -> None:
        config = load_config(bare, [f"train.pretrained={model}"])
        adopted, file = adopt(config, [tmp_path / "run"])
        assert isinstance(adopted, ScanConfig)
        assert adopted.net.widths == (4, 8)
        assert adopted.voxels.features == parse_features("offset", "height")
        assert adopted.voxels.size == 1
        assert file == model
        own = load_config(bare, [f"train.pretrained={model}", "net.widths=[6]"])
        with pytest.raises(InputError, match=r"net\.widths is \[4, 8\], the config's \[6\]"):
            adopt(own, [tmp_path / "run"])

    def test_run_goes_on_without_the_model(
        self, bare: Path, model: Path, scene_folder: Path, tmp_path: Path
    ) -> None:
        config = load_config(bare, [f"train.pretrained={model}"])
        run = tmp_path / "run"
        train(config, scene_folder, run, device="cpu")
        model.unlink()
        train(config, scene_folder, run, device="cpu", resume=True)
        spec, _ = load_net(run / "last.safetensors")
        assert spec.net.widths == (4, 8)


class TestRuns:
    def test_begin_where_the_model_is_and_resume_without_it(
        self, config_file: Path, scene_folder: Path, run_folder: Path, tmp_path: Path
    ) -> None:
        told = []

        class Watcher(Progress):
            def start(self, start: Any) -> None:
                told.append(start)

        model = tmp_path / "model.safetensors"
        model.write_bytes((run_folder / "best.safetensors").read_bytes())
        change = [f"train.pretrained={model}", "train.steps=1", "train.epochs=1"]
        still = load_config(config_file, [*change, "train.learning_rate=1e-12"])

        def go(**options: Any) -> None:
            train(
                still, scene_folder, tmp_path / "run", progress=Watcher(), device="cpu", **options
            )

        go()
        assert told[0].pretrained == str(model)
        assert told[0].known == ("ground", "box")
        before, after = (load_net(one)[1] for one in (model, tmp_path / "run" / "last.safetensors"))
        for one, other in zip(before.parameters(), after.parameters(), strict=True):
            torch.testing.assert_close(one, other, atol=1e-6, rtol=0)
        model.unlink()
        go(resume=True)
        assert told[1].pretrained is None

    def test_go_on_from_a_state_before_their_first_step(
        self, config_file: Path, scene_folder: Path, run_folder: Path, tmp_path: Path
    ) -> None:
        told = []

        class Watcher(Progress):
            def start(self, start: Any) -> None:
                told.append(start)

        config = load_config(config_file, [f"train.pretrained={run_folder}", "train.steps=1"])
        net = build_net(config)
        optimizer = build_optimizer(config.train, net)
        Run(tmp_path, config, net, optimizer, TrainState(), Watcher()).save()
        options = {"resume": True, "progress": Watcher(), "device": "cpu", "minutes": 0.01}
        train(config, scene_folder, tmp_path, **options)
        assert told[0].resumed_step == 0
        assert told[0].pretrained is None
