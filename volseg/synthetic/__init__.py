"""Labelled scans that nobody had to label: scenes and scanners made by numbers."""
