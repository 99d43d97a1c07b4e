"""Segmented scans against their truth."""
