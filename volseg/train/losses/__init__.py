"""Losses: functions of logits and labels, of tensors and of the cells of voxels."""
