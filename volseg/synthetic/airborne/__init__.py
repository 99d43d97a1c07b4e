"""Landscapes that nobody surveyed, scanned from the air: data without a download."""
