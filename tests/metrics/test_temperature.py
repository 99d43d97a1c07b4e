"""One temperature: as torch and torchmetrics count, and never worse than none."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from volseg.metrics.calibration import BINS
from volseg.metrics.temperature import HIGHEST, LOWEST, fit_temperature, measure_calibration

NAMES = ("a", "b", "c")


def drawn(seed: int, scale: float = 1.0, many: int = 5000) -> tuple[np.ndarray, np.ndarray]:
    """Logits whose temperature is ``scale``, and truth drawn by what they say."""
    random = np.random.default_rng(seed)
    logits = random.normal(0, 2, (many, 3))
    gumbel = random.gumbel(size=logits.shape)
    return (logits * scale).astype(np.float32), (logits + gumbel).argmax(axis=1)


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.5])
def test_the_temperature_of_scaled_logits_is_the_scale(scale: float) -> None:
    logits, truth = drawn(0, scale, 50_000)
    assert fit_temperature(logits, truth) == pytest.approx(scale, rel=0.03)


@given(st.integers(0, 99), st.floats(0.3, 4), st.integers(1, 200))
def test_fitting_never_makes_the_likelihood_worse(seed: int, scale: float, many: int) -> None:
    logits, truth = drawn(seed, scale, many)
    fitted = fit_temperature(logits, truth)
    assert LOWEST <= fitted <= HIGHEST
    before, after = (measure_calibration(logits, truth, NAMES, t) for t in (1.0, fitted))
    assert after.nll <= before.nll + 1e-6
    assert (before.overall.counts.sum(), before.overall.hits.sum()) == (
        after.overall.counts.sum(),
        after.overall.hits.sum(),
    )
    assert sum(int(one.counts.sum()) for one in after.by_class.values()) == many


@pytest.mark.parametrize("temperature", [0.7, 1.0, 2.0])
def test_figures_are_those_of_torch_and_torchmetrics(temperature: float) -> None:
    metrics = pytest.importorskip(
        "torchmetrics.functional.classification", reason="torchmetrics counts what we count"
    )
    logits, truth = drawn(3, 1.6)
    found = measure_calibration(logits, truth, NAMES, temperature)
    warm, target = torch.from_numpy(logits).double() / temperature, torch.from_numpy(truth)
    ece = metrics.multiclass_calibration_error(warm.softmax(1), target, 3, n_bins=BINS)
    assert found.overall.error == pytest.approx(float(ece), abs=1e-6)
    assert found.nll == pytest.approx(float(torch.nn.functional.cross_entropy(warm, target)))
    hot = torch.nn.functional.one_hot(target, 3)
    assert found.brier == pytest.approx(float((warm.softmax(1) - hot).square().sum(1).mean()))


def test_nothing_to_fit_on_leaves_logits_as_they_are() -> None:
    assert fit_temperature(np.empty((0, 3)), np.empty(0, np.int64)) == 1.0
