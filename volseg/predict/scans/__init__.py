"""Segmenting scans: of any size, a tile at a time, here or on a cluster."""
