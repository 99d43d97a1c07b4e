"""A synthetic street, scanned by a virtual mobile laser scanner: data without a download."""

from volseg.data.street.generate import generate_street

__all__ = ["generate_street"]
