"""The ground under a scan, and the noise below it and high above it."""
