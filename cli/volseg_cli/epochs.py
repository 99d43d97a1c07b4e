"""The table of epochs that a terminal shows while a network is trained."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.text import Text

from volseg.metrics.means import score_text

if TYPE_CHECKING:
    from volseg.progress import Epoch, Validation

AGAIN = 20
"""Rows after which the heads of the columns stand again."""
FIGURE = 6
"""Letters of a figure and its arrow."""
STILL = 0.0005
"""A change that three decimals do not show."""


class EpochTable:
    """A row an epoch: loss, mean score, every class's score, each with where it went.

    Where the classes do not fit beside each other, a row has the lowest of them by name.

    Args:
        width: letters of a line.
        plain: whether the screen has no arrows.
    """

    def __init__(self, width: int, *, plain: bool = False) -> None:
        self.width = width
        self.up, self.down = ("+", "-") if plain else ("↑", "↓")
        self.rows = 0
        self.before: Validation | None = None

    def lines(self, epoch: Epoch) -> Iterator[Text]:
        """What to print of an epoch; an asterisk marks the best so far."""
        found = epoch.validation
        start = Text(f"{epoch.number:>5}  {epoch.loss:>7.3f}")
        if found is None:
            head, row = "epoch     loss", start
        else:
            fits = self._width(found) <= self.width
            head = f"epoch     loss  {found.title:>{self._first(found)}}  "
            head += "  ".join(f"{name:>{FIGURE}}" for name in found.by_class) if fits else "lowest"
            row = start.append("  ").append(self._mean(found, epoch.best)).append("  ")
            row.append(self._every(found) if fits else self._lowest(found, self.width - len(row)))
        if self.rows % AGAIN == 0:
            yield Text(head, style="bold")
        yield row
        self.rows += 1
        self.before = found

    def _width(self, found: Validation) -> int:
        classes = sum(2 + max(FIGURE, len(name)) for name in found.by_class)
        return len("epoch     loss  ") + self._first(found) + classes

    def _first(self, found: Validation) -> int:
        """Letters of the column of means."""
        return max(FIGURE + 1, len(found.title))

    def _mean(self, found: Validation, best: bool) -> Text:
        before = math.nan if self.before is None else self.before.mean
        width = self._first(found) - 1
        return self._figure(found.mean, before, width).append("*" if best else " ")

    def _every(self, found: Validation) -> Text:
        columns = (
            self._figure(value, self._last(name), max(FIGURE, len(name)))
            for name, value in found.by_class.items()
        )
        return Text("  ").join(columns)

    def _lowest(self, found: Validation, room: int) -> Text:
        """As many as fit, the lowest first; those that are not defined are left out."""
        known = [one for one in found.by_class.items() if not math.isnan(one[1])]
        line = Text()
        for name, value in sorted(known, key=lambda one: one[1]):
            entry = Text(f"{name} ").append(self._figure(value, self._last(name), FIGURE))
            if len(line) + len(entry) + 2 > room:
                break
            line = line.append("  " if line else "").append(entry)
        return line

    def _last(self, name: str) -> float:
        return math.nan if self.before is None else self.before.by_class.get(name, math.nan)

    def _figure(self, value: float, before: float, width: int) -> Text:
        """A score, and an arrow where it has changed since the last epoch."""
        change = value - before
        arrow, style = " ", ""
        if abs(change) >= STILL:
            arrow, style = (self.up, "green") if change > 0 else (self.down, "red")
        text = Text(f"{score_text(value):>{width - 1}}")
        return text.append(arrow, style=style)
