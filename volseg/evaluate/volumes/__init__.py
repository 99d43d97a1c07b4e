"""Segmented volumes against their truth."""
