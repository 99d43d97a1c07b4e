"""Typed, frozen, validated specs of runs and models, and how they are read from YAML."""

from volseg.config.common import ClassSpec, Config, LabelSpec, ModelSpec, TrainSpec
from volseg.config.load import (
    AnyConfig,
    AnyModelSpec,
    find_config,
    load_config,
    load_label_map,
    load_spec,
    presets,
    validate_model_spec,
    validate_spec,
)
from volseg.config.loss import LossSpec, LossTerms
from volseg.config.net import NetSpec
from volseg.config.scan import (
    ScanAugmentSpec,
    ScanConfig,
    ScanDataSpec,
    ScanModelSpec,
    ScanTrainSpec,
    VoxelSpec,
)
from volseg.config.spec import Spec
from volseg.config.volume import (
    ChannelSpec,
    ImageSpec,
    VolumeAugmentSpec,
    VolumeConfig,
    VolumeDataSpec,
    VolumeModelSpec,
    VolumeTrainSpec,
)

__all__ = [
    "AnyConfig", "AnyModelSpec", "ChannelSpec", "ClassSpec", "Config", "ImageSpec", "LabelSpec",
    "LossSpec", "LossTerms", "ModelSpec", "NetSpec", "ScanAugmentSpec", "ScanConfig",
    "ScanDataSpec", "ScanModelSpec", "ScanTrainSpec", "Spec", "TrainSpec", "VolumeAugmentSpec",
    "VolumeConfig", "VolumeDataSpec", "VolumeModelSpec", "VolumeTrainSpec", "VoxelSpec",
    "find_config", "load_config", "load_label_map", "load_spec", "presets", "validate_model_spec",
    "validate_spec",
]  # fmt: skip
