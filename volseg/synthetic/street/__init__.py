"""A synthetic street, scanned by a virtual laser scanner: data without a download."""

from volseg.synthetic.street.folder import write_streets
from volseg.synthetic.street.generate import generate_street

__all__ = ["generate_street", "write_streets"]
