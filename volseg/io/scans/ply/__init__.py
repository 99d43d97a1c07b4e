"""PLY, the format of polygons and of points."""
