"""Losses, metrics and the training loop: the same for scans, volumes and images."""
