"""Scans as scenes and pictures."""
