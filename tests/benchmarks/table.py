"""Answers of the workers as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.benchmarks.growth import GROWTHS, bytes_each, slope
from tests.benchmarks.measure import MIB
from tests.benchmarks.rows import SECTIONS
from tests.benchmarks.store import Results, version

HEAD = (
    "| work | volseg | peer | its time | ratio | wanted | peak MiB, volseg | its | agreement |\n"
    "|---|---|---|---|---|---|---|---|---|"
)
GROWTH_HEAD = (
    "| work | against | sizes | exponent of time | of its work | exponent of memory "
    "| bytes each | bound |\n|---|---|---|---|---|---|---|---|"
)
PICTURES = {"time": "Seconds", "memory": "Memory"}


def text(results: Results) -> str:
    """All of the speed chapter that is measured."""
    parts = [_machine(results.machine)]
    for title, names in SECTIONS.items():
        lines = [row(results.rows[name]) for name in names if name in results.rows]
        if lines:
            parts.append(f"### {title}\n\n{HEAD}\n" + "\n".join(lines))
    lines = [growth(name, results.growths[name]) for name in GROWTHS if name in results.growths]
    if lines:
        parts.append("### Growth\n\n" + GROWTH_HEAD + "\n" + "\n".join(lines))
        parts += [
            f"![{what} against size, both axes logarithmic](pictures/growth_{kind}.png)"
            for kind, what in PICTURES.items()
        ]
    return "\n\n".join(parts)


def row(one: dict[str, Any]) -> str:
    """One line of a table."""
    return f"| {' | '.join(_cells(one))} |"


def _cells(one: dict[str, Any]) -> Iterator[str]:
    yield one.get("work") or one["name"]
    yield _seconds(one.get("ours"))
    yield _peer(one.get("peer", "-"))
    yield _seconds(one.get("theirs"))
    yield f"{one['theirs'] / one['ours']:.2f}" if "theirs" in one else "-"
    yield _wanted(one)
    for side in ("ours", "theirs"):
        yield _memory(one.get("memory", {}).get(side))
    said = ((word, one[key]) for word, key in SAID.items() if key in one)
    yield "; ".join(f"{word}{value}" for word, value in said) or one.get("agreement", "-")


SAID = {
    "**disagrees**: ": "disagree",
    "**failed**: ": "failed",
    "peer does not load: ": "absent",
    "not measured: ": "missing",
}


def _peer(name: str) -> str:
    package, _, function = name.partition("/")
    if package == "-":
        return package
    return f"{package} {version(package)}" + (f": {function}" if function else "")


def _wanted(one: dict[str, Any]) -> str:
    wishes = []
    if one.get("wanted"):
        met = "theirs" not in one or one["theirs"] / one["ours"] >= one["wanted"]
        wishes.append(f"{one['wanted']:.3g}{'' if met else ', **missed**'}")
    if one.get("wanted_memory"):
        both = [one.get("memory", {}).get(side, {}).get("peak") for side in ("theirs", "ours")]
        found = both[0] / both[1] if all(both) else None
        met = found is None or found >= one["wanted_memory"]
        ratio = "" if found is None else f" (found {found:.2f})"
        wishes.append(f"memory {one['wanted_memory']:.3g}{ratio}{'' if met else ', **missed**'}")
    return "; ".join(wishes) or "-"


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g} s"


def _memory(value: dict[str, int] | None) -> str:
    if not value or "peak" not in value:
        return "-"
    grown = "" if value["grown"] == value["peak"] else f" (+{value['grown'] / MIB:,.0f})"
    return f"{value['peak'] / MIB:,.0f}{grown}"


def growth(name: str, many: list[dict[str, Any]]) -> str:
    """One line of the table of growth."""
    told, failed = GROWTHS[name], [one["failed"] for one in many if "failed" in one]
    if failed:
        return f"| {told.what} | {told.unit} | **failed**: {failed[0]} | - | - | - | - | - |"
    sizes, work, seconds, used = columns(many)
    each = bytes_each(sizes, used)
    cells = (
        told.what,
        told.unit,
        f"{sizes[0]:,.0f} to {sizes[-1]:,.0f}",
        f"{slope(sizes, seconds):.2f}",
        f"{slope(sizes, work):.2f}",
        f"{slope(sizes, used):.2f}",
        f"{each:,.0f}",
        f"{told.bound:,.0f}{'' if each <= told.bound else ', **broken**'}",
    )
    return f"| {' | '.join(cells)} |"


def columns(many: list[dict[str, Any]]) -> tuple[list[float], ...]:
    """Sizes, work, seconds and bytes."""
    return tuple([float(one[key]) for one in many] for key in ("size", "work", "seconds", "bytes"))


def bound_broken(name: str, many: list[dict[str, Any]]) -> bool:
    """Whether one more unit costs more bytes than promised."""
    if any("failed" in one for one in many):
        return False  # counted as broken already
    sizes, _, _, used = columns(many)
    return bytes_each(sizes, used) > GROWTHS[name].bound


def _machine(told: dict[str, str]) -> str:
    return (
        f"{told['processor']}, {told['threads']} threads. {told['versions']}. Commit "
        f"{told['commit']}."
    )
