"""What is wrong with a dataset of volumes, and a repaired copy."""
