"""What was measured, kept in a file, so that single rows can be measured again."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

ROOT = Path(__file__).parents[2]
FILE = ROOT / "runs" / "benchmarks" / "results.json"
KEPT = ("torch", "numpy")


@dataclass
class Results:
    """Answers of the workers by name, and where they were measured."""

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    growths: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    machine: dict[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls) -> Results:
        """Those of the runs before, or none."""
        return cls(**json.loads(FILE.read_text())) if FILE.exists() else cls()

    def save(self) -> None:
        """Keep them."""
        FILE.parent.mkdir(parents=True, exist_ok=True)
        FILE.write_text(json.dumps(vars(self), indent=1))

    @property
    def broken(self) -> list[str]:
        """Names of what disagreed or died."""
        wrong = [name for name, one in self.rows.items() if {"disagree", "failed"} & set(one)]
        died = [name for name, many in self.growths.items() if any("failed" in one for one in many)]
        return wrong + died


def machine() -> dict[str, str]:
    """Processor, threads and versions."""
    versions = {name: version(name) for name in KEPT}
    described = [f"Python {platform.python_version()}"]
    described += [f"{name} {number}" for name, number in versions.items()]
    return {
        "processor": _processor(),
        "threads": str(torch.get_num_threads()),
        "versions": ", ".join(described),
        "commit": _commit(),
    }


def version(package: str) -> str:
    """Installed version of a distribution, or a dash."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "-"


def _processor() -> str:
    """Its name, and whether it has instructions for bfloat16."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    facts = dict(line.split(":", 1) for line in lines if ":" in line)
    facts = {key.strip(): value.strip() for key, value in facts.items()}
    flags = facts.get("flags", facts.get("Features", "")).split()
    half = [flag for flag in ("avx512_bf16", "amx_bf16", "bf16") if flag in flags]
    kind = f"family {facts.get('cpu family', '?')} model {facts.get('model', '?')}"
    name = f"{facts.get('model name', platform.machine())} ({kind}; {os.cpu_count()} cores"
    return f"{name}; {half[0] if half else 'no bfloat16 instructions'})"


def _commit() -> str:
    command = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "-"
