"""Typed, frozen, validated specs of runs and models, and how they are read from YAML."""

from volseg.config.common import (
    ClassSpec,
    Config,
    LabelSpec,
    LossKind,
    LossSpec,
    ModelSpec,
    NetSpec,
    Spec,
    TrainSpec,
)
from volseg.config.load import (
    find_config,
    load_config,
    load_label_map,
    load_spec,
    presets,
    validate_model_spec,
)
from volseg.config.scan import (
    ScanAugmentSpec,
    ScanConfig,
    ScanDataSpec,
    ScanModelSpec,
    ScanTrainSpec,
    VoxelSpec,
)
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
    "ChannelSpec",
    "ClassSpec",
    "Config",
    "ImageSpec",
    "LabelSpec",
    "LossKind",
    "LossSpec",
    "ModelSpec",
    "NetSpec",
    "ScanAugmentSpec",
    "ScanConfig",
    "ScanDataSpec",
    "ScanModelSpec",
    "ScanTrainSpec",
    "Spec",
    "TrainSpec",
    "VolumeAugmentSpec",
    "VolumeConfig",
    "VolumeDataSpec",
    "VolumeModelSpec",
    "VolumeTrainSpec",
    "VoxelSpec",
    "find_config",
    "load_config",
    "load_label_map",
    "load_spec",
    "presets",
    "validate_model_spec",
]
