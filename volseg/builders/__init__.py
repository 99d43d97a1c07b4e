"""Specs to objects: networks, losses, labelled scans, models, whole training runs."""
