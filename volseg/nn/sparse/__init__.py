"""The primitives on voxels: sites, kernel maps and the kernels over them."""
