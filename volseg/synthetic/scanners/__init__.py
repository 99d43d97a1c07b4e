"""Laser scanners as physics: where rays go, what they hit first, what comes back."""
