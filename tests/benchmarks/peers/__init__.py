"""Peers' networks with our weights: one module a package, imported only where it is wanted."""
