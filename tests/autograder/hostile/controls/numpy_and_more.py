"""Imports numpy and the standard library

Honest: uses what a notebook's first cell imports
"""
# exercise: residual_block

import torch

import collections
import copy
import dataclasses
import itertools
import json
import logging
import math
import os
import random
import sys
import time
import typing

import numpy as np

logging.basicConfig(level=logging.DEBUG)
np.random.seed(0)
random.seed(0)
torch.manual_seed(0)
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
SIZE = int(np.prod([2, 3])) + math.floor(time.time()) * 0
