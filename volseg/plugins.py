"""What volseg has of a kind, formats for one, and what other packages add to it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Generic, TypeVar

from volseg.errors import InputWarning

T = TypeVar("T")


class Registry(Generic[T]):
    """Everything of one kind: volseg's own, what was registered, and what packages bring.

    A package brings it by an entry point, whose value names an object of the kind. Entry points
    are loaded when something is looked for that volseg does not have itself; one that cannot be
    loaded is left out, with a warning.

    Args:
        group: name of the group of entry points.
        kind: type of the objects.
        own: volseg's, which come first.
    """

    def __init__(self, group: str, kind: type[T], own: Sequence[T]) -> None:
        self.group = group
        self._kind = kind
        self._own = tuple(own)
        self._registered: list[T] = []

    def __iter__(self) -> Iterator[T]:
        yield from self._own
        yield from self._registered
        yield from self._installed

    def register(self, item: T) -> None:
        """Add an object for as long as this process runs."""
        self._registered.append(item)

    @cached_property
    def _installed(self) -> tuple[T, ...]:
        from importlib.metadata import entry_points

        items = []
        for point in entry_points(group=self.group):
            try:
                item = point.load()
                if not isinstance(item, self._kind):
                    raise TypeError(f"it is a {type(item).__name__}, not a {self._kind.__name__}")
                items.append(item)
            except Exception as error:  # whatever another package may raise
                reason = " ".join(f"{type(error).__name__}: {error}".split())
                warnings.warn(
                    InputWarning(
                        f"plug-in {point.name} = {point.value} of {self.group} is left out "
                        f"({reason}); update or uninstall its package"
                    ),
                    stacklevel=2,
                )
        return tuple(items)
