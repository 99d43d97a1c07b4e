"""PCD, the format of the Point Cloud Library."""
