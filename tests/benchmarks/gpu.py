"""``python -m tests.benchmarks.gpu``: a submanifold convolution on a CUDA GPU beside its peers.

Times our Triton kernel, our plain-torch kernel, a dense convolution of the scene's whole box,
and spconv where it is installed, and prints a table. Needs a GPU; nothing else runs it.
"""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from volseg.geometry import voxelize
from volseg.nn import Voxels, functional
from volseg.synthetic.street import generate_street

DEVICE = "cuda"
RUNS, WARM_UP = 15, 3
TOLERANCE = {torch.float32: 1e-5, torch.float16: 5e-3, torch.bfloat16: 4e-2}
SIZES = ((0.2, 32), (0.1, 32), (0.1, 96), (0.1, 256))
"""Edge of a voxel in metres, and channels."""

Conv = Callable[[Tensor, Tensor], Tensor]
"""From features (M, C) and weight (D, C, 3, 3, 3) to the output, (M, D)."""


@dataclass(frozen=True)
class Case:
    """The work all sides do: coords int64 (M, 4), batch first; numbers in one dtype."""

    coords: Tensor
    features: Tensor
    weight: Tensor
    slope: Tensor

    @property
    def shape(self) -> list[int]:
        """Cells along each axis of the scene's box."""
        return (self.coords[:, 1:].amax(dim=0) + 1).tolist()


Peer = Callable[[Case], Callable[[], Conv]]
"""Of a case: what makes a convolution, its kernel map included."""


def case(size: float, channels: int, dtype: torch.dtype) -> Case:
    """A generated street of 500,000 points."""
    torch.manual_seed(0)
    cells = torch.from_numpy(voxelize(generate_street(0, points=500_000), size).coords)
    coords = F.pad(cells, (1, 0)).to(DEVICE)
    features, slope = torch.randn(2, len(coords), channels, device=DEVICE).to(dtype)
    weight = torch.randn(channels, channels, 3, 3, 3, device=DEVICE) / (27 * channels) ** 0.5
    return Case(coords, features, weight.to(dtype), slope)


def volseg(switch: str) -> Peer:
    """Our own call, with the switch of the Triton kernel on or off."""

    def peer(work: Case) -> Callable[[], Conv]:
        def make() -> Conv:
            x = Voxels.of(work.coords, work.features)

            def run(features: Tensor, weight: Tensor) -> Tensor:
                os.environ["VOLSEG_TRITON"] = switch
                return functional.conv(x.with_features(features), weight).features

            return run

        return make

    return peer


def dense(work: Case) -> Callable[[], Conv]:
    """A convolution of the whole box by torch, empty cells and all."""
    needed = 8 * work.features[0].nbytes * torch.tensor(work.shape).prod().item()
    if needed > torch.cuda.mem_get_info()[0]:
        raise ImportError(f"the whole box needs {needed / 2**30:.0f} GiB")
    x, y, z = work.coords[:, 1:].t()

    def run(features: Tensor, weight: Tensor) -> Tensor:
        grid = features.new_zeros(*work.shape, features.shape[1])
        grid = grid.index_put((x, y, z), features)
        out = F.conv3d(grid.movedim(-1, 0).unsqueeze(0), weight, padding=1)
        return out[0].movedim(0, -1)[x, y, z]

    return lambda: run


def spconv(work: Case) -> Callable[[], Conv]:
    """The implicit GEMM of spconv."""
    if work.features.dtype == torch.bfloat16:
        raise ImportError("spconv has no bfloat16")
    import spconv.pytorch as peer

    _, channels = work.features.shape
    layer = peer.SubMConv3d(channels, channels, 3, bias=False, indice_key="map").to(DEVICE)
    coords = work.coords.int().contiguous()

    def make() -> Conv:
        kept = peer.SparseConvTensor(work.features, coords, work.shape, 1)

        def run(features: Tensor, weight: Tensor) -> Tensor:
            del layer.weight
            layer.weight = weight.permute(0, 2, 3, 4, 1).contiguous()
            out: Tensor = layer(kept.replace_feature(features)).features
            return out

        return run

    return make


PEERS: dict[str, Peer] = {
    "triton": volseg("1"), "plain torch": volseg("0"), "dense": dense, "spconv": spconv,
}  # fmt: skip


def steps(work: Case, make: Callable[[], Conv]) -> dict[str, Callable[[], tuple[Tensor, ...]]]:
    """What is timed: forward and a whole step, with a kernel map at hand and without."""
    kept = make()

    def forward(conv: Conv) -> tuple[Tensor, ...]:
        with torch.no_grad():
            return (conv(work.features, work.weight),)

    def step(conv: Conv) -> tuple[Tensor, ...]:
        features, weight = (one.detach().requires_grad_() for one in (work.features, work.weight))
        out = conv(features, weight)
        return (out.detach(), *torch.autograd.grad(out, (features, weight), work.slope))

    return {
        "forward": lambda: forward(kept),
        "forward, cold map": lambda: forward(make()),
        "forward + backward": lambda: step(kept),
        "forward + backward, cold map": lambda: step(make()),
    }


def milliseconds(side: Callable[[], object]) -> float:
    """Time of one call on the GPU, what the CPU makes it wait for included."""
    begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    torch.cuda.synchronize()
    begin.record()
    side()
    end.record()
    torch.cuda.synchronize()
    return begin.elapsed_time(end)


def compare(work: Case) -> dict[str, dict[str, float]]:
    """Median milliseconds of each peer for each step, called in turns."""
    sides = {}
    for name, peer in PEERS.items():
        try:
            sides[name] = steps(work, peer(work))
        except ImportError as error:
            print(f"{name} is left out: {error}", file=sys.stderr)  # noqa: T201
    exact = sides["plain torch"]["forward + backward"]()
    for name, own in sides.items():
        for a, b in zip(own["forward + backward"](), exact, strict=True):
            off = float((a.double() - b.double()).norm() / b.double().norm())
            assert off <= TOLERANCE[work.features.dtype], f"{name} is off by {off:.1e}"
    table: dict[str, dict[str, float]] = {}
    for what in sides["triton"]:
        times: dict[str, list[float]] = {name: [] for name in sides}
        for number in range(RUNS + WARM_UP):
            for name in sorted(sides, reverse=bool(number % 2)):
                spent = milliseconds(sides[name][what])
                if number >= WARM_UP:
                    times[name].append(spent)
        table[what] = {name: statistics.median(all_) for name, all_ in times.items()}
    return table


def main() -> None:
    """Print the table."""
    if not torch.cuda.is_available():
        sys.exit("torch sees no CUDA GPU here: this benchmark times GPU kernels only")
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}, median of {RUNS}, ms\n")  # noqa: T201
    names = list(PEERS)
    print("| voxels | channels | dtype | work |", " | ".join(names), "|")  # noqa: T201
    print("|---|---|---|---|" + "---|" * len(names))  # noqa: T201
    for size, channels in SIZES:
        for dtype in TOLERANCE:
            work = case(size, channels, dtype)
            for what, times in compare(work).items():
                shown = (f"{times[name]:.2f}" if name in times else "-" for name in names)
                kind = str(dtype).removeprefix("torch.")
                print(  # noqa: T201
                    f"| {len(work.coords):,} | {channels} | {kind} | {what} |",
                    " | ".join(shown), "|", flush=True,
                )  # fmt: skip


if __name__ == "__main__":
    main()
