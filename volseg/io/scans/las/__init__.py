"""LAS and LAZ, byte by byte where laspy would change something."""
