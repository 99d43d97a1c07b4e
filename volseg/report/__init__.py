"""A page that says how good a segmentation is, and shows where it is wrong."""
