"""Files are written with their positions right, waveforms and records behind the points too."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from tests.io.scans.las.layout import labels_for, tail
from volseg.errors import InputError
from volseg.io import read, write


@pytest.mark.parametrize("suffix", [".las", ".laz"])
@pytest.mark.parametrize("format_id", [4, 5, 9, 10])
def test_waveforms_in_the_file_move_with_their_position(make_las, tmp_path, format_id, suffix):
    packets = (b"LASF_Spec", 65535, np.random.default_rng(0).bytes(1000))
    file = make_las(format_id, minor=4, waveforms=True, evlrs=[packets, (b"me", 3, b"last")])
    source, copy = tmp_path / "scan.las", tmp_path / f"copy{suffix}"
    source.write_bytes(file.to_bytes())
    cloud = read(source)
    labels = labels_for(source)
    write(copy, cloud.with_labels(labels, np.ones(len(cloud))), like=source)
    data = copy.read_bytes()
    waveforms, extended = struct.unpack_from("<QQ", data, 227)
    assert waveforms == extended
    assert data[waveforms:] == tail(source.read_bytes())
    assert np.array_equal(read(copy).labels, labels)


@pytest.mark.parametrize("format_id", [9, 10])
def test_waveform_fields_laz_would_change_are_refused(make_las, tmp_path, format_id):
    file = make_las(format_id)
    file.records[:, 15] = np.random.default_rng(0).integers(0, 256, len(file.records))
    source = tmp_path / "scan.las"
    source.write_bytes(file.to_bytes())
    with pytest.raises(InputError, match=r"scanner channels.*\.las"):
        write(tmp_path / "copy.laz", read(source), like=source)
    write(tmp_path / "copy.las", read(source), like=source)
    assert (tmp_path / "copy.las").read_bytes() == source.read_bytes()
    assert not (tmp_path / "copy.laz").exists()


def test_waveforms_before_las_1_4_move_too(make_las, tmp_path):
    file = make_las(4, minor=3, waveforms=True)
    source, copy = tmp_path / "scan.las", tmp_path / "copy.laz"
    source.write_bytes(file.to_bytes() + b"packets")
    write(copy, read(source), like=source)
    data = copy.read_bytes()
    assert data[struct.unpack_from("<Q", data, 227)[0] :] == b"packets"
