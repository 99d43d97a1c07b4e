"""From what a network says of cells to objects."""
