"""Encoders and decoders without skips: what unpooling puts back, and arguments that do not fit."""

from __future__ import annotations

import pytest
import torch

from volseg.errors import InputError
from volseg.nn import EncoderDecoder


@pytest.mark.parametrize("shape", [(8, 8), (7, 5), (1, 3)])
@pytest.mark.parametrize("unpool", ["max", "average"])
def test_any_grid_comes_back_in_its_own_size(shape: tuple[int, ...], unpool) -> None:
    net = EncoderDecoder(2, 1, 3, (4, 6, 8), unpool=unpool).eval()
    assert net(torch.randn(2, 1, *shape)).shape == (2, 3, *shape)


def test_both_kinds_of_unpooling_have_the_same_parameters() -> None:
    first, second = (
        {key: value.shape for key, value in net.state_dict().items()}
        for net in (
            EncoderDecoder(2, 1, 3, (4, 6)),
            EncoderDecoder(2, 1, 3, (4, 6), unpool="average"),
        )
    )
    assert first == second


def test_wrong_arguments_are_named() -> None:
    with pytest.raises(InputError, match="'max' or 'average'"):
        EncoderDecoder(3, 1, 2, (4,), unpool="min")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="strides name 1 sizes, wanted 2"):
        EncoderDecoder(3, 1, 2, (4, 8, 16), strides=(2,))
