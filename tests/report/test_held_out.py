"""What a run held out must be what it would hold out of the data today."""

from __future__ import annotations

from pathlib import Path

import pytest

from volseg.errors import InputError
from volseg.report.held_out import check_held_out, data_of
from volseg.runs.folder import note_data


def test_the_data_of_a_run_is_where_it_was(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not say what it was trained on"):
        data_of(tmp_path)
    data = tmp_path / "data"
    data.mkdir()
    note_data(tmp_path, data, ["a", "b"])
    assert data_of(tmp_path) == data
    data.rmdir()
    with pytest.raises(InputError, match="not there now; name the data by --data"):
        data_of(tmp_path)


def test_what_differs_is_named(tmp_path: Path) -> None:
    check_held_out(tmp_path, tmp_path, ["whatever"])  # nothing is noted
    note_data(tmp_path, tmp_path, ["a", "b"])
    check_held_out(tmp_path, tmp_path, ["b", "a"])
    with pytest.raises(InputError, match="what is held out differs by c; name"):
        check_held_out(tmp_path, tmp_path, ["a", "b", "c"])
    with pytest.raises(InputError, match="differs by a, b, c and more"):
        check_held_out(tmp_path, tmp_path, ["c", "d"])
