"""A page that says how good a segmentation is, and shows where it is wrong.

A report counts nothing itself: its figures come from the confusion matrices and summaries that
`volseg evaluate` prints, its held-out scans from the code that chose them for training.
"""
