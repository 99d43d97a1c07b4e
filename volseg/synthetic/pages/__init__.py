"""Pages of invented newspapers, set in founts that are at hand, printed, aged and scanned."""

from volseg.synthetic.pages.generate import generate_page

__all__ = ["generate_page"]
