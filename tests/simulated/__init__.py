"""A device without a GPU: memory of its own, refusals like CUDA's, and counts of what waits."""
