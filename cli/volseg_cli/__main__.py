"""``python -m volseg_cli``: the same as ``volseg``; what ``torchrun -m`` starts."""

from volseg_cli.app import app

app()
