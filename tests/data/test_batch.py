"""A batch is changed once, where it is."""

from __future__ import annotations

import torch

from volseg.data.batch import Batch


def test_it_is_changed_once_and_only_its_inputs() -> None:
    batch = Batch(torch.ones(2, 3), torch.zeros(2), lambda values: values + 1)
    changed = batch.changed()
    assert torch.equal(changed.inputs, torch.full((2, 3), 2.0))
    assert changed.targets is batch.targets
    assert changed.changed() is changed
    assert torch.equal(batch.inputs, torch.ones(2, 3))


def test_it_is_moved_with_what_is_left_to_do() -> None:
    batch = Batch(torch.ones(2, 3), torch.zeros(2), lambda values: values + 1)
    there = batch.to(torch.device("meta"))
    assert {there.inputs.device.type, there.targets.device.type} == {"meta"}
    assert there.changed().inputs.device.type == "meta"
