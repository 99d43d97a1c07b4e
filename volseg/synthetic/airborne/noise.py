"""Random fields with the spectra of landscapes."""

from __future__ import annotations

import numpy as np

from volseg.synthetic.facets import Floats


def waves(rng: np.random.Generator, x: Floats, y: Floats, length: float) -> Floats:
    """A smooth field of about unit variance whose bumps are ``length`` metres apart."""
    from scipy.ndimage import map_coordinates

    i, j = x / length, y / length
    low = np.floor([i.min(), j.min()]) - 2
    high = np.ceil([i.max(), j.max()]) + 3
    nodes = rng.normal(0, 2.09, (high - low).astype(int))
    # Cubic B-splines of white noise: smooth to the second derivative, and of no direction to see.
    places = np.stack((i - low[0], j - low[1]))
    return np.asarray(map_coordinates(nodes, places, order=3, prefilter=False))


def fractal(
    rng: np.random.Generator,
    grid: tuple[Floats, Floats],
    longest: float,
    shortest: float,
    rise: float = 1.0,
    calm: float = 0.0,
) -> Floats:
    """Noise of a power law, as heights of real ground have: each octave lower than the last.

    Args:
        rng: draws the field.
        grid: x and y of places in rows and columns, metres, (nx, ny) each; they may be warped.
        longest: wavelength of the first octave, whose deviation is about 1.
        shortest: wavelength of the last one.
        rise: Hurst exponent: 1 for soil that has crept for long, 0.6 for broken rock.
        calm: how much less of short waves there is where it is steep already: crests and valley
            floors with gullies, even slopes between, as water leaves them.
    """
    x, y = grid
    made, steep = np.zeros(x.shape), np.zeros(x.shape)
    cell = max(float(np.hypot(x[1, 0] - x[0, 0], y[1, 0] - y[0, 0])), 1e-6)
    length, high = longest, 1.0
    while length >= shortest:
        octave = high * waves(rng, x, y, length)
        made += octave / (1 + calm * steep)
        if calm:
            along, across = np.gradient(octave, cell)
            steep += (longest * along) ** 2 + (longest * across) ** 2
        # Turned from octave to octave, so that the lattices of their nodes do not add up.
        x, y = 0.8 * x - 0.6 * y + 17.3, 0.6 * x + 0.8 * y - 5.1
        length, high = length / 2, high * 0.5**rise
    return made
