"""JSON files that describe a dataset, written by others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from volseg.errors import InputError
from volseg.io.naming import naming


def read_description(path: Path) -> dict[str, Any]:
    """The object in a JSON file.

    Raises:
        InputError: if there is no such file, or it holds no JSON, or another thing than an object.
    """
    with naming(path):
        try:
            content = json.loads(path.read_text(encoding="utf-8-sig"))
        except (ValueError, RecursionError) as error:
            raise InputError(f"is no JSON: {error}; correct it") from None
    if not isinstance(content, dict):
        raise InputError("is no JSON object; wanted a dataset's description", path=path)
    return content
