"""The command line as its users meet it: what it prints, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from volseg_cli.app import app

Snapshot = dict[Path, bytes | None]


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def cli() -> Callable[..., Outcome]:
    """Run ``volseg`` with arguments, in this process."""

    def run(*arguments: object) -> Outcome:
        result = CliRunner().invoke(app, [str(one) for one in arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Outcome(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture(scope="session")
def snapshot() -> Callable[[Path], Snapshot]:
    """Everything below a folder: bytes of files, None of folders."""

    def take(folder: Path) -> Snapshot:
        return {
            one: None if one.is_dir() else one.read_bytes() for one in sorted(folder.rglob("*"))
        }

    return take


@pytest.fixture
def refused(
    cli: Callable[..., Outcome], snapshot: Callable[[Path], Snapshot], tmp_path: Path
) -> Callable[..., str]:
    """Run what must be refused: exit 2, one line on stderr, no file made or changed.

    Training may leave the scans it could prepare in its cache.
    """

    def files() -> Snapshot:
        found = snapshot(tmp_path)
        return {
            path: data
            for path, data in found.items()
            if data is not None and "volseg-cache" not in path.parts
        }

    def run(*arguments: object, notes: int = 0) -> str:
        before = files()
        outcome = cli(*arguments)
        lines = outcome.err.splitlines()
        errors = [line for line in lines if line.startswith("error: ")]
        assert outcome.code == 2, outcome
        assert len(errors) == 1, outcome
        assert len(lines) == 1 + notes, outcome
        assert files() == before
        return errors[0]

    return run


@pytest.fixture
def stopped_once(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Ctrl-C comes while the second scan is segmented; the list grows by one at every try."""
    from volseg.predict.scans.model import ScanModel

    vote, tries = ScanModel.vote, list[int]()

    def stopping(self: ScanModel, *arguments: Any, **flags: Any) -> Any:
        tries.append(1)
        if len(tries) == 2:
            raise KeyboardInterrupt
        return vote(self, *arguments, **flags)

    monkeypatch.setattr(ScanModel, "vote", stopping)
    return tries
