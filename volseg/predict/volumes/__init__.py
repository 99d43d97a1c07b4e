"""Segmenting volumes: window by window, in bounded memory."""
