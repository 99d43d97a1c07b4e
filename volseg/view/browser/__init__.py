"""Scenes as pages for a browser on this machine."""
