"""Along lines: wires, borders, traffic, bridges."""
