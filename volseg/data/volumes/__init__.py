"""Volumes made ready for networks: cases, folds, prepared images, patches, augmentation."""
