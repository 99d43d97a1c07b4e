"""Windows on scenes: what keys and the mouse do, and Open3D that shows it."""
