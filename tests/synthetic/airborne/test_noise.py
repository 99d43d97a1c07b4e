"""Fields of noise: their variance, and spectra that fall off by a power."""

from __future__ import annotations

import numpy as np
import pytest

from volseg.synthetic.airborne.noise import fractal, waves


def grid(size: int) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.mgrid[:size, :size].astype(float)
    return x + 300, y - 500


def test_waves_have_unit_variance_and_their_length() -> None:
    rng = np.random.default_rng(0)
    made = np.stack([waves(rng, *grid(200), 10.0) for _ in range(5)])
    assert made.std() == pytest.approx(1, abs=0.15)
    near, far = made[:, 2:] - made[:, :-2], made[:, 30:] - made[:, :-30]
    assert near.std() < 0.4 * far.std()


@pytest.mark.parametrize("rise", [0.6, 1.0, 1.3])
def test_the_spectrum_falls_off_by_the_power_asked_for(rise: float) -> None:
    """Differences over a distance grow by its power ``rise``, the Hurst exponent."""
    rng = np.random.default_rng(1)
    made = np.stack([fractal(rng, grid(300), 400, 1.0, rise) for _ in range(6)])
    lags = np.array([3, 6, 12, 24])
    spread = [np.std(made[:, lag:] - made[:, :-lag]) for lag in lags]
    slope = np.polyfit(np.log(lags), np.log(spread), 1)[0]
    assert slope == pytest.approx(min(rise, 1), abs=0.2)


def test_calm_leaves_less_roughness_on_slopes() -> None:
    rough, calm = (
        fractal(np.random.default_rng(2), grid(200), 200, 2, 0.8, calm=calm) for calm in (0, 3.0)
    )
    short = [np.std(z[1:-1] - 0.5 * (z[:-2] + z[2:])) for z in (rough, calm)]
    assert short[1] < 0.8 * short[0]
