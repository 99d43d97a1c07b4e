"""Truth of objects in volumes and images: read, numbered, and turned into targets."""
