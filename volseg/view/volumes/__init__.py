"""Volumes as scenes and pictures: slices, outlines, surfaces."""
