"""The spec of a network."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, PositiveInt, field_validator, model_validator

from volseg.config.plugins import find_network
from volseg.config.spec import Spec

Axes = tuple[PositiveInt, ...]

UNET, ENCODER_DECODER, OWN = "unet", "encoder_decoder", "own"
"""Kinds of networks; a network of one's own is known to whoever passes it alone."""


class NetSpec(Spec):
    """The network: its kind, the widths of its stages, and what its blocks are made of.

    ``depth`` counts a stage's blocks: one number, or one a stage of the encoder. The decoder has
    the encoder's widths, but for the coarsest, and depths unless its own are given. ``kernels``
    and ``strides`` are one size for all, or one a stage (a step): an int, or one int an axis.
    ``supervised`` counts the coarser stages of the decoder that learn too. The last channels of
    the output, as many as ``pyramid`` says, are sums over all stages: ways to centres of objects,
    which training sums unless ``pyramid: 0`` forbids it. A network of ``kind``
    own was passed to `volseg.train`; ``import_path`` says where its class is, and is never
    imported.
    """

    kind: str = "unet"
    import_path: str | None = None
    widths: tuple[PositiveInt, ...] = Field(default=(16, 32, 64, 96), min_length=1)
    block: Literal["plain", "residual"] = "residual"
    depth: PositiveInt | tuple[PositiveInt, ...] = 1
    decoder_widths: tuple[PositiveInt, ...] | None = None
    decoder_depth: PositiveInt | None = None
    norm: Literal["batch", "instance"] = "batch"
    activation: Literal["relu", "leaky_relu"] = "relu"
    kernels: PositiveInt | tuple[PositiveInt | Axes, ...] = 3
    strides: PositiveInt | tuple[PositiveInt | Axes, ...] = 2
    supervised: int = Field(default=0, ge=0)
    pyramid: int = Field(default=0, ge=0)

    @field_validator("kind")
    @classmethod
    def _is_known(cls, kind: str) -> str:
        if kind not in (UNET, ENCODER_DECODER, OWN) and find_network(kind) is None:
            raise ValueError(
                f"wanted {UNET}, {ENCODER_DECODER}, or a network that an installed package brings"
            )
        return kind

    @model_validator(mode="after")
    def _is_built(self) -> NetSpec:
        if self.kind != UNET:
            taken = {OWN: ("import_path",)}.get(self.kind, ("widths",))
            extra = [
                name
                for name, field in NetSpec.model_fields.items()
                if name not in ("kind", *taken) and getattr(self, name) != field.default
            ]
            if extra:
                raise ValueError(f"kind {self.kind} takes no {', '.join(extra)}; leave it out")
        elif self.import_path is not None:
            raise ValueError(f"import_path is for kind {OWN}; leave it out")
        if not self.supervised < len(self.widths):
            raise ValueError(
                f"{self.supervised} supervised stages beside the finest of "
                f"{len(self.widths)}; wanted {len(self.widths) - 1} at most"
            )
        stages = len(self.widths)
        wanted = {"kernels": 0, "depth": 0, "strides": 1, "decoder_widths": 1}
        for name, many in ((name, stages - fewer) for name, fewer in wanted.items()):
            sizes = getattr(self, name)
            if isinstance(sizes, tuple) and len(sizes) != many:
                raise ValueError(
                    f"{len(sizes)} {name} for {len(self.widths)} widths; wanted {many}"
                )
        return self
