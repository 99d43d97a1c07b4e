"""Losses of segmentation, as functions of logits and labels, dense or of the cells of a scan.

>>> logits = torch.zeros(2, 3, 8, 8)
>>> target = torch.ones(2, 8, 8, dtype=torch.long)
>>> round(vs.losses.cross_entropy(logits, target).item(), 4)
1.0986
>>> vs.losses.focal(logits, target, gamma=2.0) < vs.losses.cross_entropy(logits, target)
tensor(True)
"""

from volseg.train.losses.compound import compound_loss as compound
from volseg.train.losses.dice import dice_loss as dice
from volseg.train.losses.focal import class_weights, cross_entropy
from volseg.train.losses.focal import focal_loss as focal
from volseg.train.losses.lovasz import lovasz_loss as lovasz

__all__ = ["class_weights", "compound", "cross_entropy", "dice", "focal", "lovasz"]
