"""A run folder keeps what resuming needs, and is not overwritten."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from volseg.config import ScanConfig, load_config
from volseg.errors import InputError
from volseg.models.header import HEADER
from volseg.models.nets import build_net
from volseg.progress import SILENT
from volseg.runs.folder import Run, check_folders, is_begun, note_data, noted_data
from volseg.train.loop import TrainState


def run_in(folder: Path) -> Run:
    config = load_config(folder / "config.yaml")
    assert isinstance(config, ScanConfig)
    net = build_net(config)
    return Run(folder, config, net, torch.optim.AdamW(net.parameters()), TrainState(), SILENT)


@pytest.fixture
def folder(tmp_path: Path, run_folder: Path) -> Path:
    return Path(shutil.copytree(run_folder, tmp_path / "run"))


def rewrite(path: Path, change: object) -> None:
    """Let a function change the header of a state."""
    with safe_open(path, framework="pt") as file:
        header = json.loads(file.metadata()[HEADER])
    change(header)  # type: ignore[operator]
    save_file(load_file(path), path, {HEADER: json.dumps(header)})


def test_a_state_is_taken_up_where_it_was_left(folder: Path) -> None:
    run = run_in(folder)
    assert run.restore()
    assert (run.state.step, run.state.logged, len(run.state.history)) == (48, 48, 2)
    saved = load_file(folder / "last.safetensors")
    assert all(torch.equal(value, saved[name]) for name, value in run.net.state_dict().items())


def test_a_state_from_before_kinds_and_names_changed_is_taken_up_too(folder: Path) -> None:
    def age(header: dict[str, dict[str, object]]) -> None:
        header["progress"]["told"] = header["progress"].pop("logged")
        del header["config"]["kind"]

    rewrite(folder / "state.safetensors", age)
    run = run_in(folder)
    assert run.restore()
    assert run.state.logged == 48


def test_the_state_of_another_config_is_refused(folder: Path) -> None:
    rewrite(folder / "state.safetensors", lambda header: header["config"].update(seed=8))
    with pytest.raises(InputError, match=r"another config \(seed differ\); resume with the same"):
        run_in(folder).restore()


def test_without_a_state_there_is_nothing_to_take_up(folder: Path) -> None:
    (folder / "state.safetensors").unlink()
    assert not run_in(folder).restore()


def test_a_folder_is_free_or_goes_on(folder: Path, tmp_path: Path) -> None:
    assert check_folders([tmp_path / "new"], resume=False) == [False]
    assert check_folders([folder, tmp_path / "new"], resume=True) == [True, False]
    assert is_begun(folder)
    assert not is_begun(tmp_path)
    with pytest.raises(InputError, match=r"already holds state\.safetensors; go on"):
        check_folders([folder], resume=False)
    with pytest.raises(InputError, match="holds no run to go on with"):
        check_folders([tmp_path], resume=True)
    with pytest.raises(InputError, match="is a file"):
        check_folders([folder / "log.csv"], resume=False)


def test_where_the_data_is_comes_back(tmp_path: Path) -> None:
    assert noted_data(tmp_path) is None
    note_data(tmp_path, tmp_path / "data", ["b", "ä"])
    assert noted_data(tmp_path) == (tmp_path / "data", ("b", "ä"))
    (tmp_path / "data.json").write_text('{"data": 3}')
    with pytest.raises(InputError, match=r"data\.json: does not say where"):
        noted_data(tmp_path)
