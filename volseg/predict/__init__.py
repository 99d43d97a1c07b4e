"""From a trained network and a scene to a class for every point or voxel."""
