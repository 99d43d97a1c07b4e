"""Training runs on volumes and images."""
