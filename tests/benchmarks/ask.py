"""The workers from outside: start them, have them take turns, read their answers."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from typing import Any


class Worker:
    """A worker process, and what it says."""

    def __init__(self, *arguments: str) -> None:
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115  closed with the worker
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.worker", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )

    def answer(self) -> dict[str, Any]:
        """Its next answer; a worker that died answers with ``failed``."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if line:
            told: dict[str, Any] = json.loads(line)
            return told
        status = self._process.wait()
        self._errors.seek(0)
        lines = self._errors.read().strip().splitlines() or [""]
        return {"failed": f"{lines[-1][:200]} (exit status {status})"}

    def again(self) -> dict[str, Any]:
        """Have it do its work once more."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write("\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass
        return self.answer()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()
        self._errors.close()


def ask(*arguments: str) -> dict[str, Any]:
    """The one answer of a worker."""
    with Worker(*arguments) as worker:
        return worker.answer()


def compare(name: str) -> dict[str, Any]:
    """Whether both sides of a row agree; if so, memory of each, and seconds in turns."""
    answer = {"name": name, **ask("agree", name)}
    if "absent" in answer:
        with Worker("ours", name) as ours:
            return answer | _turns({"ours": ours}, answer)
    if "agreement" not in answer:
        return answer
    with Worker("ours", name) as ours, Worker("theirs", name) as theirs:
        return answer | _turns({"ours": ours, "theirs": theirs}, answer)


def _turns(sides: dict[str, Worker], row: dict[str, Any]) -> dict[str, Any]:
    """Both start at once; then one waits while the other is timed, first this, then that first."""
    firsts = {side: worker.answer() for side, worker in sides.items()}
    times: dict[str, list[dict[str, Any]]] = {side: [] for side in sides}
    for number in range(row["runs"]):
        order = list(sides) if number % 2 else list(sides)[::-1]
        for side in order:
            times[side].append(sides[side].again())
    for told in (*firsts.values(), *(one for many in times.values() for one in many)):
        if "failed" in told:
            return {"failed": told["failed"]}
    # Processor time is only ever added to by what else runs.
    middle = statistics.median if row["cores"] is None else min
    return {"memory": firsts} | {
        side: middle(one["seconds"] for one in many) for side, many in times.items()
    }
