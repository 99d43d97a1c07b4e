"""Configs: presets load, typos name the nearest key, and complaints are one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from pydantic import ValidationError

from volseg.config import (
    ScanConfig,
    VolumeConfig,
    find_config,
    load_config,
    load_label_map,
    presets,
    validate_model_spec,
)
from volseg.data.scans.features import channels
from volseg.errors import ConfigError
from volseg.geometry import IGNORE, LabelMap

PRESETS = sorted(
    str(one.relative_to(presets()).with_suffix("")) for one in presets().rglob("*.yaml")
)
GOOD: dict[str, Any] = {
    "labels": {"classes": {"road": {"ids": [1]}, "car": {"ids": [2, 3]}}, "ignore": [0]},
    "voxels": {"size": 0.2},
}

IMAGES: dict[str, Any] = {
    "labels": {"classes": {"air": {"ids": [0]}, "bone": {"ids": [1]}}},
    "images": {"channels": [{"name": "CT"}], "spacing": [1, 1, 3], "patch": [32, 32, 16]},
}
CT = "images.channels=[{name: CT, normalize: ct, clip: [-100, 300], mean: 40, std: 90}]"


def written(folder: Path, values: Any) -> Path:
    path = folder / "my.yaml"
    path.write_text(values if isinstance(values, str) else yaml.safe_dump(values, sort_keys=False))
    return path


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return written(tmp_path, GOOD)


def complaint(path: Path | str, *changes: str) -> str:
    with pytest.raises(ConfigError) as error:
        load_config(path, changes)
    assert "\n" not in str(error.value)
    return str(error.value)


class TestPresets:
    def test_those_of_the_issue_are_there(self) -> None:
        assert {
            "lidar/oakland",
            "lidar/tum_city_campus",
            "lidar/semantickitti",
            "lidar/street",
        } <= set(PRESETS)

    @pytest.mark.parametrize("name", PRESETS)
    def test_load_and_describe_a_model(self, name: str) -> None:
        config = load_config(name)
        labels = config.labels.label_map()
        assert len(labels) >= 2
        assert len({tuple(one) for one in labels.colours.tolist()}) == len(labels)
        if isinstance(config, ScanConfig):
            assert channels(config.voxels.features) >= 1

    @pytest.mark.parametrize("name", ["lidar/ahn", "lidar/ahn.yaml", "configs/lidar/ahn.yaml"])
    def test_go_by_several_names(self, name: str) -> None:
        assert find_config(name).samefile(presets() / "lidar" / "ahn.yaml")

    def test_a_file_goes_before_a_preset(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "lidar").mkdir()
        mine = written(tmp_path / "lidar", GOOD).rename("lidar/ahn.yaml")
        assert load_config(mine).labels.label_map().names == ("road", "car")

    @pytest.mark.parametrize("name", ["lidar/nowhere", "nowhere.yaml", "", ".", "configs", "/tmp"])
    def test_an_unknown_name_lists_them(self, name: str) -> None:
        assert "lidar/oakland" in complaint(name)


class TestKind:
    @pytest.mark.parametrize(("values", "kind"), [(GOOD, "scan"), (IMAGES, "volume")])
    def test_is_named_or_told_by_the_section(
        self, tmp_path: Path, values: dict[str, Any], kind: str
    ) -> None:
        plain, named = (
            load_config(written(tmp_path, one)) for one in (values, values | {"kind": kind})
        )
        assert plain == named
        assert plain.kind == plain.model_spec().kind == kind
        header = plain.model_spec().model_dump(mode="json")
        assert validate_model_spec(header, tmp_path) == plain.model_spec()
        del header["kind"]  # as models had it before there were kinds
        assert validate_model_spec(header, tmp_path) == plain.model_spec()

    def test_decides_against_a_section_of_another(self, tmp_path: Path) -> None:
        found = complaint(written(tmp_path, IMAGES | {"kind": "scan"}))
        assert "images: unknown key" in found
        assert "voxels: missing" in found

    def test_that_is_none_is_refused(self, tmp_path: Path) -> None:
        path = written(tmp_path, GOOD | {"kind": "scans"})
        assert complaint(path) == f"{path}: kind: found 'scans'; wanted volume or scan"


class TestTypos:
    @pytest.mark.parametrize(
        ("key", "nearest"),
        [
            ("voxls", "voxels"),
            ("voxels.siz", "size"),
            ("voxels.feature", "features"),
            ("labels.ignored", "ignore"),
            ("labels.classes.car.colr", "colour"),
            ("labels.classes.road.id", "ids"),
            ("net.width", "widths"),
            ("data.labelfield", "label_field"),
            ("train.epoch", "epochs"),
            ("train.loss.gama", "gamma"),
            ("train.augment.rotation", "rotate"),
            ("sed", "seed"),
        ],
    )
    def test_name_the_nearest_key(self, good: Path, key: str, nearest: str) -> None:
        found = complaint(good, f"{key}=1")
        assert found.startswith(f"{good}: {key}: unknown key; did you mean {nearest!r}?")

    def test_what_no_key_is_near_to_is_no_typo_of_one(self, good: Path) -> None:
        found = complaint(good, "train.foreground=0.5")
        assert "train.foreground: unknown key; (known: epochs, " in found
        assert "did you mean" not in found

    def test_a_missing_key_is_named(self, tmp_path: Path) -> None:
        path = written(tmp_path, {"labels": GOOD["labels"]})
        assert complaint(path) == f"{path}: voxels: missing; the config must give it"

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ("voxels.size=0", "voxels.size: found 0"),
            ("voxels.size=-0.1", "voxels.size: found -0.1"),
            ("voxels.size=.nan", "voxels.size: found nan"),
            ("voxels.size=.inf", "voxels.size: found inf"),
            ("voxels.size=wide", "voxels.size: found 'wide'"),
            ("voxels.features=[]", "voxels.features"),
            ("train={mixed: 0.7, swapped: 0.6}", "train"),
            ('voxels.features=[colour, "colour?"]', "voxels.features"),
            ("voxels.features=[colors]", "voxels.features.0: found 'colors'"),
            ("net.kind=vnet", "net.kind: found 'vnet'"),
            ("net.widths=[]", "net.widths"),
            ("net.widths=[16, 0]", "net.widths.1: found 0"),
            ("train.loss.kind=dise", "train.loss.kind: found 'dise'; wanted focal"),
            ("train.loss.gamma=-1", "train.loss.gamma"),
            ("train.loss.weights=[1, -1]", "train.loss.weights"),
            ("train.epochs=0", "train.epochs: found 0"),
            ("train.epochs=1.5", "train.epochs: found 1.5"),
            ("train.crop=.inf", "train.crop: found inf"),
            ("train.augment.scale=1", "train.augment.scale"),
            ("data.validation=1.5", "share from 0 to 1"),
            ("data.validation=1", "share from 0 to 1"),
            ("seed=-1", "seed: found -1"),
            ("labels.classes={}", "labels.classes"),
            ("labels.classes.car.ids=[]", "labels.classes.car.ids"),
            ("labels.classes.car.colour=red", "#RRGGBB"),
            ("labels.classes.car.ids=[1]", "id 1 stands twice"),
            ("labels.ignore=[2]", "id 2 stands twice"),
            ("labels.classes.car.grouping=votes", "'components', 'centre' or 'border'"),
            ("labels.classes.car.radius=0", "labels.classes.car.radius"),
            ("labels.classes.car.radius=1", "'car' has a radius"),
            ("labels.classes.car={ids: [2], thing: false, grouping: border}", "thing: false"),
        ],
    )
    def test_a_wrong_value_is_shown(self, good: Path, change: str, said: str) -> None:
        found = complaint(good, change)
        assert found.startswith(f"{good}: ")
        assert said in found


class TestSet:
    @pytest.mark.parametrize(
        ("change", "value"),
        [
            ("train.epochs=7", 7),
            ("train.learning_rate=1e-3", 0.001),
            ("net.widths=[4, 8]", (4, 8)),
            ("train.loss.weights=null", None),
            ("train.loss.weights=[1, 2.5]", (1.0, 2.5)),
            ("train.loss.weights=balanced", "balanced"),
            ("data.label_field=gt", "gt"),
            ("data.validation=[a*, b.laz]", ("a*", "b.laz")),
            ("data.validation=0", 0.0),
            ("train.augment.flip=false", False),
            ("labels.classes.car.colour='#010203'", "#010203"),
        ],
    )
    def test_parses_yaml(self, good: Path, change: str, value: Any) -> None:
        found: Any = load_config(good, [change])
        for key in change.partition("=")[0].split("."):
            found = found[key] if isinstance(found, dict) else getattr(found, key)
        assert found == value

    def test_the_last_change_wins_and_the_file_stays(self, good: Path) -> None:
        before = good.read_bytes()
        config = load_config(good, ["seed=1", "seed=2"])
        assert config.seed == 2
        assert good.read_bytes() == before

    @pytest.mark.parametrize(
        "change", ["seed", "=3", "", "seed=[1", "voxels.size.deep=1", "seed=2024-13-45"]
    )
    def test_refuses_what_it_cannot_parse(self, good: Path, change: str) -> None:
        assert change in complaint(good, change)


class TestVolumes:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return written(tmp_path, IMAGES)

    def test_images_make_a_config_of_volumes_and_voxels_one_of_scans(
        self, path: Path, tmp_path: Path
    ) -> None:
        config = load_config(path)
        assert isinstance(config, VolumeConfig)
        assert isinstance(load_config(written(tmp_path, GOOD)), ScanConfig)
        spec = config.model_spec()
        assert not isinstance(spec, VolumeConfig)
        assert validate_model_spec(spec.model_dump(mode="json"), path) == spec

    @pytest.mark.parametrize(
        ("wrong", "right", "good"),
        [("image", "images", IMAGES), ("imgaes", "images", IMAGES), ("voxel", "voxels", GOOD)],
    )
    def test_a_section_that_is_mistyped_says_the_kind_all_the_same(
        self, tmp_path: Path, wrong: str, right: str, good: dict[str, Any]
    ) -> None:
        values = {wrong if key == right else key: value for key, value in good.items()}
        path = written(tmp_path, values)
        found = complaint(path)
        assert found.startswith(f"{path}: {wrong}: unknown key; did you mean {right!r}? (known: ")
        assert ";" not in found.partition("(known")[2]

    @pytest.mark.parametrize(
        ("patch", "axes"),
        [([8, 8, 8], (0, 1, 2)), ([8, 8, 1], (0, 1)), ([1, 8, 4], (1, 2)), ([8, 1, 4], (0, 2))],
    )
    def test_a_side_of_one_makes_the_network_two_dimensional(
        self, path: Path, patch: list[int], axes: tuple[int, ...]
    ) -> None:
        config: Any = load_config(path, [f"images.patch={patch}"])
        assert config.images.axes == axes
        assert config.nd == len(axes)

    @pytest.mark.parametrize("loss", [("ce", "cross_entropy"), ("cross_entropy", "cross_entropy")])
    def test_cross_entropy_has_a_short_name(self, path: Path, loss: tuple[str, str]) -> None:
        assert load_config(path, [f"train.loss.kind={loss[0]}"]).train.loss.kind == loss[1]

    @pytest.mark.parametrize(
        "change",
        [
            CT, "images.mirror=[0, 2]", "data.groups=subjects.csv", "data.folds=3",
            "train.optimizer=sgd", "train.schedule=poly", "train.loss.kind=dice_focal",
            "net={widths: [8, 16], norm: instance, activation: leaky_relu, supervised: 1,"
            " kernels: [[3, 3, 1], 3], strides: [[2, 2, 1]]}",
            "largest=[bone]",
            "labels={classes: {a: {ids: [1, 2]}, b: {ids: [2]}}, overlap: true, background: [5]}",
        ],
    )  # fmt: skip
    def test_what_is_set_survives_a_file(self, path: Path, tmp_path: Path, change: str) -> None:
        config = load_config(path, [change])
        assert config != load_config(path)
        again = tmp_path / "again.yaml"
        again.write_text(yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False))
        assert load_config(again) == config

    @pytest.mark.parametrize(
        ("key", "nearest"),
        [
            ("images.spacin", "spacing"),
            ("images.channel", "channels"),
            ("data.fold", "folds"),
            ("data.group", "groups"),
            ("train.foregroud", "foreground"),
            ("train.augment.rotation", "rotate"),
            ("train.optimiser", "optimizer"),
            ("net.deep_supervised", "supervised"),
            ("largst", "largest"),
        ],
    )
    def test_typos_name_the_nearest_key(self, path: Path, key: str, nearest: str) -> None:
        found = complaint(path, f"{key}=1")
        assert found.startswith(f"{path}: {key}: unknown key; did you mean {nearest!r}?")

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ("images.channels=[]", "images.channels"),
            ("images.channels=[{name: a, nam: b}]", "images.channels.0.nam: unknown key"),
            ("images.channels=[{name: a, normalize: best}]", "images.channels.0.normalize"),
            ("images.channels=[{name: a, mean: 1}]", "clip, mean and std go with normalize: ct"),
            ("images.channels=[{name: a, normalize: ct}]", "clip, mean and std go with"),
            (CT.replace("90", "0"), "images.channels.0.std: found 0"),
            (CT.replace("-100", "900"), "clip: found [900.0, 300.0]; wanted the lower number"),
            ("images.spacing=[1, 1]", "images.spacing"),
            ("images.spacing=[1, 1, 0]", "images.spacing.2: found 0"),
            ("images.spacing=[1, .inf, 1]", "images.spacing.1: found inf"),
            ("images.patch=[1, 1, 8]", "patch: found [1, 1, 8]; wanted two sides above 1"),
            ("images.patch=[8, 8, 0]", "images.patch.2: found 0"),
            ("images.mirror=[3]", "images.mirror.0: found 3"),
            ("data.folds=1", "data.folds: found 1"),
            ("train.foreground=1.5", "train.foreground: found 1.5"),
            ("train.augment.noise=2", "train.augment.noise: found 2"),
            ("train.optimizer=adam", "'adamw' or 'sgd'"),
            ("train.schedule=linear", "'one_cycle' or 'poly'"),
            ("train.loss.kind=dise", "dice_ce"),
            ("net.supervised=4", "wanted 3 at most"),
            ("net.supervised=-1", "net.supervised: found -1"),
            ("net.kernels=[3, 3]", "2 kernels for 4 widths; wanted 4"),
            ("net.strides=[2]", "1 strides for 4 widths; wanted 3"),
            ("net={kind: encoder_decoder, norm: instance}", "takes no norm"),
            ("net={kind: encoder_decoder, depth: 2}", "takes no depth"),
            ("net.depth=[1, 2]", "2 depth for 4 widths; wanted 4"),
            ("net.depth=0", "net.depth"),
            ("net.decoder_widths=[8, 8]", "2 decoder_widths for 4 widths; wanted 3"),
            ("largest=[fat]", "largest: found 'fat'; wanted names of labels.classes"),
            ("labels.background=[5]", "'background' goes with 'overlap'"),
            ("voxels.size=1", "voxels: unknown key"),
            ("images.patch=null", "images.patch"),
        ],
    )
    def test_a_wrong_value_is_shown(self, path: Path, change: str, said: str) -> None:
        found = complaint(path, change)
        assert found.startswith(f"{path}: ")
        assert said in found

    def test_scans_have_one_output(self, good: Path) -> None:
        assert "net.supervised is for volumes" in complaint(good, "net.supervised=1")


class TestEverythingElse:
    def labels(self, tmp_path: Path, text: str) -> LabelMap:
        return load_label_map(written(tmp_path, text))

    def test_is_a_class(self, tmp_path: Path) -> None:
        text = "classes: {tree: {ids: [3, 4, 5], write: 5}, other: {ids: rest, write: 64}}"
        labels = self.labels(tmp_path, text)
        raw = np.array([3, 4, 5, 64, 17, 0, 255])
        assert labels.encode(raw).tolist() == [0, 0, 0, 1, 1, 1, 1]
        assert labels.decode(np.arange(2)).tolist() == [5, 64]
        assert labels.classes[0].ids == (5, 3, 4)

    def test_is_a_class_with_ids_of_its_own(self, tmp_path: Path) -> None:
        labels = self.labels(tmp_path, "classes: {road: {ids: 1}, other: {ids: [9, rest]}}")
        assert labels.encode(np.array([1, 9, 70])).tolist() == [0, 1, 1]
        assert labels.decode(np.array([1])).tolist() == [9]

    @pytest.mark.parametrize("ignore", ["rest", "[0, rest]"])
    def test_is_ignored(self, tmp_path: Path, ignore: str) -> None:
        labels = self.labels(tmp_path, f"{{ignore: {ignore}, classes: {{road: {{ids: [1]}}}}}}")
        assert labels.encode(np.array([0, 1, 70])).tolist() == [IGNORE, 0, IGNORE]

    def test_a_written_id_need_not_be_read(self, tmp_path: Path) -> None:
        labels = self.labels(tmp_path, "classes: {road: {ids: [1], write: 11}, car: {ids: [2]}}")
        assert labels.encode(labels.decode(np.arange(2))).tolist() == [0, 1]

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("classes: {a: {ids: rest}}", "no id to write; add one, such as write: 1"),
            ("classes: {a: {ids: [1, rest]}, b: {ids: [2, rest]}}", "'rest' stands twice"),
            ("{ignore: rest, classes: {b: {ids: [2, rest]}}}", "'rest' stands twice"),
            ("classes: {a: {ids: [1], write: 2}, b: {ids: [2]}}", "id 2 stands twice"),
            ("classes: {a: {ids: [others]}}", "classes.a.ids"),
        ],
    )
    def test_in_doubt_is_refused(self, tmp_path: Path, text: str, words: str) -> None:
        with pytest.raises(ConfigError, match=words) as error:
            self.labels(tmp_path, text)
        assert "\n" not in str(error.value)

    def test_things_survive_the_way_through_a_file(self, tmp_path: Path) -> None:
        text = (
            "labels: {classes: {a: {ids: 1, thing: true, radius: 0.5, min_points: 9},"
            " b: {ids: 2, grouping: centre}, c: {ids: 3}}}\nvoxels: {size: 1}\ntrain: {}"
        )
        config = load_config(written(tmp_path, text))
        labels = config.labels.label_map()
        assert labels.things == (0, 1)
        assert [entry.grouping for entry in labels.classes] == ["components", "centre", None]
        assert (labels.classes[0].radius, labels.classes[0].min_points) == (0.5, 9)
        dumped = config.model_spec().model_dump(mode="json")
        assert validate_model_spec(dumped, tmp_path).labels.label_map() == labels
        # As runs and models wrote it before there were things: they are resumed and loaded.
        assert dumped["labels"]["classes"]["c"] == {"ids": [3], "write": None, "colour": None}

    def test_survives_the_way_through_a_model_file(self, tmp_path: Path) -> None:
        text = (
            "labels: {ignore: [0], classes: {a: {ids: [3, 4], write: 4}, b: {ids: rest, write: 9}}}"
        )
        config = load_config(written(tmp_path, text + "\nvoxels: {size: 1}\ntrain: {}"))
        again = validate_model_spec(config.model_spec().model_dump(mode="json"), tmp_path)
        assert again.labels.label_map() == config.labels.label_map()


class TestFiles:
    @pytest.mark.parametrize(
        "text",
        ["", "# nothing\n", "- a\n- b\n", "just words", "a: [1\nb: 2", "a: 2024-13-45", "\tx: 1"],
    )
    def test_no_mapping_of_keys(self, tmp_path: Path, text: str) -> None:
        path = written(tmp_path, text)
        assert complaint(path).startswith(f"{path}: ")

    def test_bytes_that_are_no_text(self, tmp_path: Path) -> None:
        path = tmp_path / "my.yaml"
        path.write_bytes(b"\xff\xfe\x00\x80")
        assert "not readable as YAML" in complaint(path)

    def test_python_objects_are_not_made(self, tmp_path: Path) -> None:
        path = written(tmp_path, "seed: !!python/object/apply:os.getpid []")
        assert "not readable as YAML" in complaint(path)

    def test_a_label_map_alone_or_in_a_config(self, tmp_path: Path, good: Path) -> None:
        alone = tmp_path / "labels.yaml"
        alone.write_text(yaml.safe_dump(GOOD["labels"], sort_keys=False))
        assert load_label_map(alone) == load_label_map(good)
        assert load_label_map(alone).classes[1].ids == (2, 3)

    @pytest.mark.parametrize("values", [{"labels": [1]}, {"classes": {"a": {"id": [1]}}}, {"a": 1}])
    def test_no_label_map(self, tmp_path: Path, values: Any) -> None:
        with pytest.raises(ConfigError) as error:
            load_label_map(written(tmp_path, values))
        assert "\n" not in str(error.value)


def test_specs_are_frozen(good: Path) -> None:
    config = load_config(good)
    for spec in (config, config.voxels, config.train.loss, config.labels.classes["car"]):
        name = next(iter(type(spec).model_fields))
        with pytest.raises(ValidationError, match="frozen"):
            setattr(spec, name, None)


def test_a_config_survives_its_own_file(tmp_path: Path) -> None:
    for name in PRESETS:
        config = load_config(name)
        path = written(tmp_path, config.model_dump(mode="json"))
        assert load_config(path) == config


def test_the_spec_of_a_model_is_a_part_of_the_config(good: Path) -> None:
    config = load_config(good)
    spec = config.model_spec()
    assert not isinstance(spec, ScanConfig)
    assert validate_model_spec(spec.model_dump(mode="json"), good) == spec


def test_a_model_without_a_spec_says_so(good: Path) -> None:
    with pytest.raises(ConfigError, match=r"my\.yaml: \w"):
        validate_model_spec(None, good)
