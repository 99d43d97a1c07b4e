#!/bin/sh
# Build sdist and wheel, install the wheel in a fresh environment, use it outside the checkout.
# BIN is the bin folder of an environment that has 'build' and the dependencies.
set -eu
root=$(pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$BIN/python" -m build --outdir "$work/dist" . >"$work/build.log" 2>&1 || { cat "$work/build.log"; exit 1; }
# Dependencies come from BIN's environment; the package itself from the wheel alone.
"$BIN/python" -m venv "$work/venv"
site=$("$BIN/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
ours=$("$work/venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
"$work/venv/bin/python" -m pip --disable-pip-version-check install --quiet --no-deps "$work"/dist/*.whl
echo "$site" >"$ours/dependencies.pth"

cd "$work"
volseg="$work/venv/bin/volseg"
"$volseg" --help >/dev/null
"$work/venv/bin/python" - "$ours" "$root" <<'PY'
import sys
from pathlib import Path

import volseg
import volseg_cli
from volseg.config import load_config, presets
from volseg.demo import scan_path
from volseg.models import bundled, bundled_names, load_bundled

site, root = Path(sys.argv[1]), Path(sys.argv[2])
for module in (volseg, volseg_cli):
    assert Path(module.__file__).is_relative_to(site), module.__file__
assert presets().is_relative_to(site), presets()
for preset in ("lidar/oakland", "mri/hippocampus", "image/membrane"):
    load_config(preset)
assert scan_path().is_file()
assert bundled.FOLDER.is_relative_to(site), bundled.FOLDER
ours = {one.stem for one in (root / "volseg" / "models").glob("*.safetensors")}
assert set(bundled_names()) == ours, (bundled_names(), ours)
for name in bundled_names():
    load_bundled(name)
notices = [one for one in site.glob("volseg-*.dist-info/licenses/**/NOTICE")]
assert len(notices) == 2, notices
tops = {path.name for path in site.iterdir()}
assert not tops & {"cli", "configs", "tests"}, tops
PY
scan=$("$work/venv/bin/python" -c 'from volseg.demo import scan_path; print(scan_path())')
"$volseg" info "$scan" >/dev/null
mkdir "$work/data"
cp "$scan" "$work/data"
"$volseg" train lidar/aerial --data "$work/data" --out "$work/run" --epochs 1 --set train.steps=2 --set data.validation=0
"$volseg" predict "$work/run" "$scan" -o "$work/out" --confidence
"$volseg" evaluate "$work/out" "$work/data" --model "$work/run"
"$volseg" models
for name in $("$work/venv/bin/python" -c 'from volseg.models import bundled_names; print(*bundled_names())'); do
  "$volseg" predict "$name" "$scan" -o "$work/$name"
  test -s "$work/$name/$(basename "$scan")"
done
echo "wheel: ok"
