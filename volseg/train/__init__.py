"""The training loop and its losses: the same for scans, volumes and images."""
