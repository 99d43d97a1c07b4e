"""Labelled volumes on disk: layouts, cases, classes, folds."""
