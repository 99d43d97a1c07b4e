"""The spec of a network: what is not right is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.conftest import complaint


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("net.kind=vnet", "net.kind: found 'vnet'"),
        ("net.widths=[]", "net.widths"),
        ("net.widths=[16, 0]", "net.widths.1: found 0"),
        ("net.supervised=4", "wanted 3 at most"),
        ("net.supervised=-1", "net.supervised: found -1"),
        ("net.kernels=[3, 3]", "2 kernels for 4 widths; wanted 4"),
        ("net.strides=[2]", "1 strides for 4 widths; wanted 3"),
        ("net={kind: encoder_decoder, norm: instance}", "takes no norm"),
        ("net={kind: encoder_decoder, depth: 2}", "takes no depth"),
        ("net.depth=[1, 2]", "2 depth for 4 widths; wanted 4"),
        ("net.depth=0", "net.depth"),
        ("net.decoder_widths=[8, 8]", "2 decoder_widths for 4 widths; wanted 3"),
    ],
)
def test_a_wrong_value_is_shown(good: Path, change: str, said: str) -> None:
    found = complaint(good, change)
    assert found.startswith(f"{good}: ")
    assert said in found
