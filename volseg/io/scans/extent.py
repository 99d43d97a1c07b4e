"""Where scans lie, so that those which adjoin are found.

Adjoining files are one scan only where both say so: they name the same coordinate system and do not
overlap. Neighbours in another system are named; two flights over one place are never mixed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class ScanExtent:
    """Where a scan lies, as its header says.

    Attributes:
        crs: coordinate reference system as WKT.
        lower: least x and y of its points, in metres.
        upper: largest x and y of its points, in metres.
    """

    crs: str
    lower: tuple[float, ...]
    upper: tuple[float, ...]

    def gaps(self, others: Sequence[ScanExtent]) -> NDArray[np.float64]:
        """Metres between scans, float64 (n,); below zero, metres they overlap by."""
        low = np.maximum(self.lower, [other.lower for other in others])
        high = np.minimum(self.upper, [other.upper for other in others])
        return np.asarray((low - high).max(axis=1))
