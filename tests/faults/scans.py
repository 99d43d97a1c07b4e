"""Scans: headers, fields and texts that were refused, misread, or led to wrong classes."""

from __future__ import annotations

from tests.faults.table import Fault

SCANS: tuple[Fault, ...] = ()
