"""Sparse convolution on CUDA by Triton: a masked implicit GEMM.

Target rows are sorted by which taps they have (`tiles`), and a tile of rows multiplies only the
taps that one of its rows has (`kernels`). Importing this room does not import Triton.

The kernels have been verified in Triton's interpreter and compiled, but never run on a GPU, so
the plain-torch kernel stays the default: set the environment variable ``VOLSEG_TRITON=1`` to
use these.
"""

from volseg.nn.sparse.implicit_gemm.convolution import convolve
from volseg.nn.sparse.implicit_gemm.switch import takes

__all__ = ["convolve", "takes"]
