"""Scans made ready for networks: features, samples, crops, augmentation, prepared scans on disk."""
