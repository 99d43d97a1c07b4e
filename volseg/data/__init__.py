"""Scans made ready for networks: features, samples, crops, augmentation, batches."""
