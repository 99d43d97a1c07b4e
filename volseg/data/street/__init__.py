"""A synthetic street, scanned by a virtual mobile laser scanner: data without a download."""

from volseg.data.street.generate import generate_street
from volseg.data.street.labels import STREET_LABELS

__all__ = ["STREET_LABELS", "generate_street"]
