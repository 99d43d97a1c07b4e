"""Houses: walls, doors, what stands out of the front, rooms, roofs."""
