"""Soccer fields as the robots that play on them see them."""

from volseg.synthetic.field.generate import generate_field

__all__ = ["generate_field"]
