"""Writes and reads temporary files

Honest: saves a checkpoint and loads it again
"""
# exercise: residual_block

import torch
from torch import nn

import os
import tempfile

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "checkpoint.pt")
    torch.save(nn.Linear(3, 4).state_dict(), path)
    nn.Linear(3, 4).load_state_dict(torch.load(path))
with open("log.txt", "a") as log:
    log.write("imported\n")
