"""Training runs on scans."""
