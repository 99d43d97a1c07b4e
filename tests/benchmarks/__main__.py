"""``python -m tests.benchmarks [NAME...]``: volseg beside its peers, and how its cost grows.

All rows and growths, or those whose name contains one of the words given. A whole run rewrites
the tables and pictures of docs/benchmarks.md; ``--page`` writes them after a part of it too, with
what was measured before. The exit status is 1 where answers disagree, a measurement dies or a
bound on memory is broken, never because of time.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
import time
from typing import Any

from rich.console import Console

screen = Console(highlight=False, soft_wrap=True)


def main() -> int:
    """Measure, write, and say what broke."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="words in the names of what to measure")
    parser.add_argument(
        "--page", action="store_true", help="write the page after a part of the run"
    )
    parser.add_argument(
        "--quick", action="store_true", help="tiny sizes, to try the suite; no page"
    )
    parser.add_argument("--list", action="store_true", help="names only")
    chosen = parser.parse_args()
    if chosen.quick:
        os.environ["VOLSEG_BENCH_QUICK"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        os.environ["VOLSEG_BENCH_SCRATCH"] = folder
        return _run(chosen)


def _run(chosen: argparse.Namespace) -> int:
    # Sizes depend on the environment set above.
    from tests.benchmarks.growth import GROWTHS
    from tests.benchmarks.rows import ROWS
    from tests.benchmarks.store import Results, machine
    from tests.benchmarks.table import bound_broken

    wanted = [
        name
        for name in (*ROWS, *GROWTHS)
        if not chosen.names or any(word in name for word in chosen.names)
    ]
    if chosen.list:
        screen.print("\n".join(wanted))
        return 0
    results = Results.load() if chosen.names and not chosen.quick else Results()
    results.machine = machine()
    started = time.perf_counter()
    for number, name in enumerate(wanted, start=1):
        if name in ROWS:
            results.rows[name] = _row(name)
        else:
            results.growths[name] = _growth(name, GROWTHS[name].sizes)
        minutes = (time.perf_counter() - started) / 60
        screen.print(f"[dim]{number} of {len(wanted)}, {minutes:.1f} min[/dim]")
        if not chosen.quick:
            results.save()
    if not chosen.quick and (chosen.page or not chosen.names):
        _write_page(results)
    broken = results.broken
    if not chosen.quick:  # fixed costs are most of what little work takes
        broken += [name for name, many in results.growths.items() if bound_broken(name, many)]
    if broken:
        screen.print(f"[red]broken: {', '.join(broken)}[/red]")
    return 1 if broken else 0


def _row(name: str) -> dict[str, Any]:
    """Measure one row and show it."""
    from tests.benchmarks import table
    from tests.benchmarks.ask import compare

    answer = compare(name)
    screen.print(f"{name}: {table.row(answer)}", markup=False)
    return answer


def _growth(name: str, sizes: Any) -> list[dict[str, Any]]:
    """One process a size."""
    from tests.benchmarks import table
    from tests.benchmarks.ask import ask

    many = [ask("grow", name, str(size)) for size in sizes]
    screen.print(f"{name}: {table.growth(name, many)}", markup=False)
    return many


def _write_page(results: Any) -> None:
    from tests.benchmarks.plot import draw
    from tests.benchmarks.store import ROOT
    from tests.benchmarks.table import text

    page = ROOT / "docs" / "benchmarks.md"
    body = f"<!-- speed -->\n{text(results)}\n<!-- /speed -->"
    old = page.read_text(encoding="utf-8")
    new = re.sub("<!-- speed -->.*<!-- /speed -->", lambda _: body, old, flags=re.DOTALL)
    page.write_text(new, encoding="utf-8")
    draw(results.growths, page.parent / "pictures")


if __name__ == "__main__":
    sys.exit(main())
