"""What a network builds on a set of cells, so that others can build the same beforehand.

Kernel maps depend on the cells and on the network's shape alone. Building them on a GPU makes the
host wait again and again, for how many pairs there are; built on a CPU by who draws the batch, they
come to the GPU with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from volseg.nn.sparse.neighbours import Window

if TYPE_CHECKING:
    from volseg.nn.sparse.pairs import Pairs
    from volseg.nn.sparse.sites import Sites

KEPT = ("blocks", "bags")
"""What is kept of `Pairs` once it is made."""


@dataclass(frozen=True)
class Built:
    """The coarser sets and kernel maps on a set of cells.

    Attributes:
        coarser: by stride, what is built on the coarser set.
        pairs: by the stride to the coarser set, None for the cells' own, and the window: which of
            `KEPT` the pairs have, and which their reverse, None where that was not asked for.
    """

    coarser: Mapping[tuple[int, ...], Built]
    pairs: Mapping[tuple[tuple[int, ...] | None, Window], tuple[set[str], set[str] | None]]

    @classmethod
    def on(cls, sites: Sites) -> Built:
        """What is built so far."""
        strides = {id(coarse): stride for stride, coarse in sites.built_coarser.items()}
        return cls(
            {stride: cls.on(coarse) for stride, coarse in sites.built_coarser.items()},
            {
                (None if coarse is None else strides[id(coarse)], window): _kept(pairs)
                for (coarse, window), pairs in sites.built_pairs.items()
                if coarse is None or id(coarse) in strides
            },
        )

    def build(self, sites: Sites, most: int) -> None:
        """Build the same on other cells, blocks of ``most`` pairs."""
        for (stride, window), (kept, reverse) in self.pairs.items():
            coarse = sites if stride is None else sites.coarser(stride)
            pairs = sites.pairs_to(coarse, window)
            _make(pairs, kept, most)
            if reverse is not None:
                _make(pairs.reverse, reverse, most)
        for stride, built in self.coarser.items():
            built.build(sites.coarser(stride), most)


def _kept(pairs: Pairs) -> tuple[set[str], set[str] | None]:
    held = vars(pairs)
    reverse = held.get("_reverse")
    return set(KEPT) & held.keys(), None if reverse is None else set(KEPT) & vars(reverse).keys()


def _make(pairs: Pairs, kept: set[str], most: int) -> None:
    if "blocks" in kept:
        pairs.cut(most)
    if "bags" in kept:
        _ = pairs.bags
