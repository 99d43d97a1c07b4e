"""The JSON header of volseg's safetensors files, which is read without torch.

A model is one file: the header holds the network's spec, label map, voxel size or spacing, and
features, which is all that prediction needs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from volseg.errors import InputError

HEADER = "volseg"


@contextmanager
def open_tensors(path: Path, framework: str) -> Iterator[tuple[Any, dict[str, Any]]]:
    """An open safetensors file and its header.

    Raises:
        InputError: if the file is missing, cut short, or no file of volseg's.
    """
    if not path.is_file():
        raise InputError("no such model file", path=path)
    try:
        with safe_open(path, framework=framework) as file:
            yield file, dict(json.loads((file.metadata() or {})[HEADER]))
    except (SafetensorError, OSError) as error:
        raise InputError(f"not a readable safetensors file ({error})", path=path) from None
    except (KeyError, ValueError, TypeError):
        raise InputError(
            "its header does not describe a volseg model; wanted a file 'volseg train' wrote",
            path=path,
        ) from None


def read_header(path: Path) -> dict[str, Any]:
    """The header alone.

    Raises:
        InputError: as `open_tensors`.
    """
    with open_tensors(path, "numpy") as (_, header):
        return header
