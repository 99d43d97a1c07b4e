"""Scans in files: one module a format, and the verbs that choose it by suffix."""
