"""Training runs: from a config and a folder of data to a run folder with models and a log."""
