"""The version of volseg, for those within the package who need to say it."""

__version__ = "0.1.0"
