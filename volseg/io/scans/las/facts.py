"""What a LAS header says of its file, in words."""

from __future__ import annotations

from datetime import date, timedelta

from volseg.io.scans.las.file import Prefix
from volseg.io.scans.las.header import parse_header


def header_facts(prefix: Prefix) -> dict[str, str]:
    """Version, point format, steps, date, software and records of a file, by name."""
    header = parse_header(prefix)
    facts = {
        "version": f"LAS 1.{prefix.minor}, point format {prefix.format_id}",
        "scale": _numbers(header.scales.tolist()),
        "offset": _numbers(header.offsets.tolist()),
    }
    day, year = prefix.field("H", 90), prefix.field("H", 92)
    if year and 1 <= day <= 366:
        facts["created"] = str(date(year, 1, 1) + timedelta(days=day - 1))
    for name, at in (("system", 26), ("software", 58)):
        text = prefix.header[at : at + 32].split(b"\0")[0].decode("utf-8", "replace").strip()
        if text:
            facts[name] = text
    if prefix.vlrs:
        records = (f"{vlr.key[0].decode('utf-8', 'replace')} {vlr.key[1]}" for vlr in prefix.vlrs)
        facts["records"] = ", ".join(records)
    return facts


def _numbers(values: list[float]) -> str:
    return " ".join(f"{value:.12g}" for value in values)
