"""YAML to validated configs; a typo names the nearest key."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import ValidationError

from volseg.config.common import LabelSpec
from volseg.config.lookup import SUFFIXES, read_lookup
from volseg.config.scan import ScanConfig, ScanModelSpec
from volseg.config.spec import Spec
from volseg.config.volume import VolumeConfig, VolumeModelSpec
from volseg.errors import ConfigError
from volseg.geometry.labels import LabelMap

S = TypeVar("S", bound=Spec)

AnyConfig = ScanConfig | VolumeConfig
AnyModelSpec = ScanModelSpec | VolumeModelSpec
Kind = Literal["scan", "volume"]

SECTIONS: dict[str, Kind] = {"images": "volume", "voxels": "scan"}
"""The section that only specs of one kind have."""


def load_config(name: str | Path, changes: Sequence[str] = ()) -> AnyConfig:
    """Read a config file or a preset, apply ``a.b=value`` changes, validate.

    Raises:
        ConfigError: naming the file, the key, what it holds and what was wanted.
    """
    path = find_config(name)
    values = _read_yaml(path)
    for change in changes:
        _apply(values, change)
    if _kind_of(values, path) == "volume":
        return validate_spec(VolumeConfig, values, path)
    return validate_spec(ScanConfig, values, path)


def load_spec(spec: type[S], path: Path) -> S:
    """Read a YAML file that holds one spec.

    Raises:
        ConfigError: as `load_config`.
    """
    return validate_spec(spec, _read_yaml(path), path)


def load_label_map(path: Path) -> LabelMap:
    """Read a label map from a YAML file that holds one, alone or in a whole config.

    Text of ids and names is one, too: see `read_lookup`.
    """
    if path.suffix.lower() in SUFFIXES:
        return read_lookup(path)
    values = _read_yaml(path)
    labels = values.get("labels", values)
    return validate_spec(LabelSpec, labels, path).label_map()


def find_config(name: str | Path) -> Path:
    """A config file as given, or the preset of that name (``lidar/oakland``)."""
    given = Path(name)
    if given.is_file():
        return given
    folder = presets()
    wanted = given.relative_to("configs") if given.parts[:1] == ("configs",) else given
    preset = folder / wanted.parent / f"{wanted.name.removesuffix('.yaml')}.yaml"
    if not given.is_absolute() and preset.is_file():
        return preset
    known = sorted(str(file.relative_to(folder).with_suffix("")) for file in folder.rglob("*.yaml"))
    raise ConfigError(f"no such file or preset; presets are {', '.join(known)}", path=given)


def presets() -> Path:
    """The folder of presets: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parents[1]
    inside = package / "configs"
    return inside if inside.is_dir() else package.parent / "configs"


def validate_model_spec(values: Any, path: Path) -> AnyModelSpec:
    """The spec a model file carries.

    Raises:
        ConfigError: as `load_config`.
    """
    if isinstance(values, dict) and _kind_of(values, path) == "volume":
        return validate_spec(VolumeModelSpec, values, path)
    return validate_spec(ScanModelSpec, values, path)


def _kind_of(values: Mapping[Any, Any], path: Path) -> Kind:
    """The kind that values name, else that of the section they have, else of the nearest to it.

    Configs and models from before there were kinds name none.
    """
    kinds = dict.fromkeys(SECTIONS.values())
    if "kind" in values:
        for kind in kinds:
            if values["kind"] == kind:
                return kind
        raise ConfigError(f"kind: found {values['kind']!r}; wanted {' or '.join(kinds)}", path=path)
    present = [section for section in SECTIONS if section in values]
    near = (difflib.get_close_matches(str(key), SECTIONS, n=1) for key in values)
    sections = [*present, *(section for matches in near for section in matches)]
    return SECTIONS[sections[0]] if sections else "scan"


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError("no such file", path=path) from None
    except (yaml.YAMLError, ValueError, OSError) as error:
        line = " ".join(str(error).split())
        raise ConfigError(f"not readable as YAML: {line}", path=path) from None
    if not isinstance(values, dict):
        raise ConfigError("holds no keys; wanted a YAML mapping", path=path)
    return values


def _apply(values: dict[str, Any], change: str) -> None:
    key, equals, text = change.partition("=")
    if not equals or not key:
        raise ConfigError(f"--set {change!r} is not of the form a.b=value")
    *parents, last = key.strip().split(".")
    for parent in parents:
        values = values.setdefault(parent, {})
        if not isinstance(values, dict):
            raise ConfigError(f"--set {change!r}: {parent!r} holds a value, not keys")
    try:
        values[last] = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):
        raise ConfigError(f"--set {change!r}: the value is not readable as YAML") from None


def validate_spec(spec: type[S], values: Any, path: Path) -> S:
    """A spec of values read from a file.

    Raises:
        ConfigError: as `load_config`.
    """
    try:
        return spec.model_validate(values)
    except ValidationError as error:
        raise ConfigError("; ".join(_complaints(error, spec)), path=path) from None


def _complaints(error: ValidationError, spec: type[Spec]) -> Iterator[str]:
    meant: set[str] = set()
    # What is unknown first: a key that one of them is meant for is not missing.
    for problem in sorted(error.errors(), key=lambda problem: problem["type"] != "extra_forbidden"):
        keys = [str(key) for key in problem["loc"]]
        where = ".".join(keys) or "top level"
        if problem["type"] == "extra_forbidden":
            known = _keys_at(spec, keys[:-1])
            near = difflib.get_close_matches(keys[-1], known, n=1)
            meant |= {".".join([*keys[:-1], *near])}
            guess = f"did you mean {near[0]!r}? " if near else ""
            yield f"{where}: unknown key; {guess}(known: {', '.join(known)})"
        elif problem["type"] == "missing":
            if where not in meant:
                yield f"{where}: missing; the config must give it"
        else:
            wanted = problem["msg"].removeprefix("Value error, ")
            found = "" if isinstance(problem["input"], dict) else f"found {problem['input']!r}; "
            yield f"{where}: {found}{wanted[:1].lower()}{wanted[1:]}"


def _keys_at(spec: type[Spec], keys: Sequence[str]) -> list[str]:
    """The keys a spec knows at a place; a key of a mapping (a class's name) is passed over."""
    for key in keys:
        field = spec.model_fields.get(key)
        if field is None:
            continue
        inner = [field.annotation, *getattr(field.annotation, "__args__", ())]
        specs = [kind for kind in inner if isinstance(kind, type) and issubclass(kind, Spec)]
        spec = specs[0] if specs else spec
    return list(spec.model_fields)
