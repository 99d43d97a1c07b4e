"""What tells a file from before, and where a job leaves its spool."""

from pathlib import Path

from volseg.predict.scans.job import ScanJob, ScanOptions, stamp


def test_a_stamp_tells_content_that_changed(tmp_path: Path) -> None:
    path = tmp_path / "a.laz"
    assert stamp(path) == [str(path)]
    path.write_bytes(b"one")
    first = stamp(path)
    assert first == stamp(path)
    path.write_bytes(b"longer")
    assert stamp(path) != first
    assert stamp(path)[0] == first[0]


def test_spools_of_targets_in_one_folder_lie_apart_and_hidden(tmp_path: Path) -> None:
    jobs = [ScanJob(Path("in"), tmp_path / name) for name in ("a.laz", "a.ply")]
    folders = [job.folder for job in jobs]
    assert len({*folders}) == 2
    assert all(folder.parent == tmp_path and folder.name[0] == "." for folder in folders)


def test_options_tell_how_a_scan_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.xyz"
    path.write_text("1 2 3 4\n5 6 7 8\n")
    scan = ScanOptions(columns=("z", "y", "x", "intensity")).pieces(path)
    (cloud,) = scan
    assert cloud.xyz.tolist() == [[3, 2, 1], [7, 6, 5]]
