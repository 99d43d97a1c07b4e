"""Charts of scores and of training runs, by matplotlib."""
