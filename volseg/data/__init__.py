"""Labelled scans and volumes made ready for networks."""
