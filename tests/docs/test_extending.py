"""The page on extending says what works: its example is run as it stands."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import volseg as vs
from volseg.errors import InputError
from volseg.io.scans import formats
from volseg.plugins import Registry

PAGE = Path(__file__).parents[2] / "docs" / "extending.md"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The page's package, installed: its module and its entry point."""
    text = PAGE.read_text()
    blocks = dict(re.findall(r"```(python|toml)\n(.*?)```", text, flags=re.DOTALL)[:2])
    group, point = re.findall(r'entry-points\."(.*?)"\]\n(.*)', blocks["toml"])[0]
    (tmp_path / "shop_scans.py").write_text(blocks["python"])
    made = tmp_path / "shop-1.0.dist-info"
    made.mkdir()
    (made / "METADATA").write_text("Metadata-Version: 2.1\nName: shop\nVersion: 1.0\n")
    (made / "entry_points.txt").write_text(f"[{group}]\n{point.replace(chr(34), '')}\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "shop_scans", raising=False)
    fresh: Any = Registry(group, formats.ScanFormat, formats.OWN_FORMATS)
    monkeypatch.setattr(formats, "SCAN_FORMATS", fresh)
    return str(group)


def test_a_format_of_the_page_is_read_written_and_converted(shop: str, tmp_path: Path) -> None:
    assert shop == "volseg.scan_formats"
    xyz = np.random.default_rng(0).random((10, 3)).round(3)
    vs.write(tmp_path / "a.f8", vs.PointCloud(xyz))
    assert np.array_equal(vs.read(tmp_path / "a.f8").xyz, xyz)
    vs.convert(tmp_path / "a.f8", tmp_path / "b.ply")
    assert np.array_equal(vs.read(tmp_path / "b.ply").xyz, xyz)
    (tmp_path / "c.f8").write_bytes(b"cut")
    with pytest.raises(InputError, match=r"c\.f8: holds 3 bytes, no multiple of 24"):
        vs.read(tmp_path / "c.f8")


def test_a_program_registers_what_no_package_brings(
    shop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shop_scans  # type: ignore[import-not-found]

    from volseg.io import register_scan_format

    fresh: Any = Registry("volseg.nothing", formats.ScanFormat, formats.OWN_FORMATS)
    monkeypatch.setattr(formats, "SCAN_FORMATS", fresh)
    with pytest.raises(InputError, match="no scan format"):
        formats.find_scan_format(tmp_path / "a.f8")
    register_scan_format(shop_scans.RAW)
    assert formats.find_scan_format(tmp_path / "a.f8") is shop_scans.RAW


def test_losses_and_networks_of_the_page_are_trained(
    tmp_path: Path, scene_folder: Path, config_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from volseg.config import load_config, plugins

    for name, kind in (("LOSSES", plugins.PluginLoss), ("NETWORKS", plugins.PluginNetwork)):
        registry: Any = Registry("volseg.nothing", kind, ())
        monkeypatch.setattr(plugins, name, registry)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)
    names: dict[str, Any] = {}
    for block in blocks[1:]:
        exec(block, names)
    changes = ["net={kind: linear, widths: [4]}", "train.loss.kind=tversky_ce", "train.steps=2"]
    vs.train(load_config(config_file, changes), scene_folder, tmp_path / "run", device="cpu")
    labelled = vs.load(tmp_path / "run", "cpu")(vs.read(scene_folder / "b.laz"))
    assert set(np.unique(labelled.labels)) <= {2, 6}
