"""Sparse convolution on CUDA by Triton: a masked implicit GEMM.

Target rows are sorted by which taps they have (`tiles`), and a tile of rows multiplies only the
taps that one of its rows has (`kernels`). Importing this room does not import Triton.

The kernels have been verified in Triton's interpreter and compiled, but never run on a GPU, so
the plain-torch kernel stays the default: set the environment variable ``VOLSEG_TRITON=1`` to
use these. It is an environment variable, so that no signature between command and kernel knows of
it. The gradient of weights is summed in parts, always in the same order. Without Triton (macOS,
Windows), on older GPUs and in float64 the plain kernel runs. With a GPU,
``pytest tests/nn/sparse/implicit_gemm`` runs the same tests there, and
``python -m tests.benchmarks.gpu`` times them.
"""

from volseg.nn.sparse.implicit_gemm.convolution import convolve
from volseg.nn.sparse.implicit_gemm.switch import takes

__all__ = ["convolve", "takes"]
