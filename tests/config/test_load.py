"""Configs are found, changed and read; typos name the nearest key, and complaints are one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from tests.config.conftest import GOOD, IMAGES, complaint, written
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

PRESETS = sorted(
    str(one.relative_to(presets()).with_suffix("")) for one in presets().rglob("*.yaml")
)


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

    def test_images_make_a_config_of_volumes_and_voxels_one_of_scans(
        self, images: Path, tmp_path: Path
    ) -> None:
        config = load_config(images)
        assert isinstance(config, VolumeConfig)
        assert isinstance(load_config(written(tmp_path, GOOD)), ScanConfig)
        spec = config.model_spec()
        assert not isinstance(spec, VolumeConfig)
        assert validate_model_spec(spec.model_dump(mode="json"), images) == spec

    @pytest.mark.parametrize(
        ("wrong", "right", "values"),
        [("image", "images", IMAGES), ("imgaes", "images", IMAGES), ("voxel", "voxels", GOOD)],
    )
    def test_a_section_that_is_mistyped_says_the_kind_all_the_same(
        self, tmp_path: Path, wrong: str, right: str, values: dict[str, Any]
    ) -> None:
        mistyped = {wrong if key == right else key: value for key, value in values.items()}
        path = written(tmp_path, mistyped)
        found = complaint(path)
        assert found.startswith(f"{path}: {wrong}: unknown key; did you mean {right!r}? (known: ")
        assert ";" not in found.partition("(known")[2]


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
