"""The choices a plan makes without looking at the data, all in one place."""

from __future__ import annotations

from typing import Literal

# The network: widths double from the first, by kind of device, at every step, up to the last. On
# a CPU half of nnU-Net's: a step takes a third of the time, and tens of minutes hold three times
# as many.
FIRST_WIDTH = {"cpu": 16, "cuda": 32}
LAST_WIDTH = 256
# With minutes to fit: first widths to choose from, and how often the first the last may be.
WIDTHS = (8, 12, 16, 24, 32)
WIDENED = 16
BLOCK: Literal["plain", "residual"] = "plain"
DEPTH = 1
NORM: Literal["batch", "instance"] = "instance"
ACTIVATION: Literal["relu", "leaky_relu"] = "leaky_relu"
SUPERVISED = 2

# Training: many quick steps, so that a CPU learns within tens of minutes.
EPOCHS = 20
STEPS = 250
OPTIMIZER: Literal["adamw", "sgd"] = "adamw"
SCHEDULE: Literal["one_cycle", "poly"] = "one_cycle"
LEARNING_RATE = 0.003
WEIGHT_DECAY = 0.01
LOSS = "dice_ce"
FOREGROUND = 0.33
FOLDS = 5

# Patches a batch, by the number of axes the network sees. A patch shrinks until `WISHED_BATCH`
# of them fit; few cases may lower that to `LEAST_BATCH`, memory to spare raise it to the largest.
LEAST_BATCH = 2
WISHED_BATCH = {2: 4, 3: 2}
LARGEST_BATCH = {2: 12, 3: 4}

# Voxels a batch on a CPU: about half a second a step on two cores.
CPU_STEP_VOXELS = 2**19

# Memory that training may use where none is named: a share of what is free, and a limit.
FREE_SHARE = 0.6
LARGEST_BUDGET = 8 * 2**30
