"""Draws the pictures of the handout: `python assignments/transfer/pictures/draw.py` writes them beside this file, and
prints the accuracies that the handout's table gives.

With `ko`, those of the Korean handout, whose letters are of Debian's package fonts-noto-cjk. They are made with the
solutions' own functions, and committed, because letters come out a little differently with every version of the font
library.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor, nn
from torch.nn import functional as F

SCALE = 2  # pixels per unit, so that letters stay crisp on large screens
PANEL, GAP, HEAD = 200, 16, 22
INK, PAPER, GREY = "#1f2933", "#ffffff", "#7b8794"
SHADES, DOTS = ("#fde3c8", "#cfe3fb"), ("#c05621", "#2b6cb0")
ROOT = Path(__file__).resolve().parents[3]
SAMPLES = 200
WORDS = {
    "en": {},
    "ko": {"Source's statistics": "소스의 통계", "Source's labels alone": "소스의 레이블만"},
}
"""By language, what stands for each text that is not the same in all of them."""


def solution(exercise: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(exercise, ROOT / "solutions/transfer" / f"{exercise}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Panels:
    """Two rows of two plots: samples as dots on the shade of the class that a classifier gives to each place."""

    def __init__(self, language: str) -> None:
        self._language = language
        size = 2 * PANEL + 3 * GAP, 2 * (PANEL + HEAD) + 3 * GAP
        self._image = Image.new("RGB", (size[0] * SCALE, size[1] * SCALE), PAPER)
        self._draw = ImageDraw.Draw(self._image)

    def plot(
        self, row: int, column: int, title: str, scores: Callable[[Tensor], Tensor], x: Tensor, y: Tensor
    ) -> float:
        """Draw samples `x` (n, 2) of the classes `y`, and return the accuracy."""
        left, top = GAP + column * (PANEL + GAP), GAP + HEAD + row * (PANEL + HEAD + GAP)
        low, high = x.amin(0) - 0.5, x.amax(0) + 0.5
        step = 4
        places = torch.arange(step / 2, PANEL, step, dtype=torch.float64) / PANEL
        grid = low + torch.cartesian_prod(places, 1 - places) * (high - low)
        for (u, v), kind in zip(torch.cartesian_prod(places, places), scores(grid).argmax(1), strict=True):
            corner = ((left + u * PANEL - step / 2) * SCALE, (top + v * PANEL - step / 2) * SCALE)
            box = [float(corner[0]), float(corner[1]), float(corner[0]) + step * SCALE, float(corner[1]) + step * SCALE]
            self._draw.rectangle(box, fill=SHADES[int(kind)])
        for point, kind in zip((x - low) / (high - low), y, strict=True):
            u, v = (left + float(point[0]) * PANEL) * SCALE, (top + (1 - float(point[1])) * PANEL) * SCALE
            self._draw.ellipse([u - 2 * SCALE, v - 2 * SCALE, u + 2 * SCALE, v + 2 * SCALE], fill=DOTS[int(kind)])
        accuracy = (scores(x).argmax(1) == y).double().mean().item()
        font = font_of(self._language, 13 * SCALE)
        told = f"{WORDS[self._language].get(title, title)}: {100 * accuracy:.1f} %"
        self._draw.text((left * SCALE, (top - 18) * SCALE), told, fill=INK, font=font)
        print(told)
        return accuracy

    def save(self, name: str) -> None:
        name += ".png" if self._language == "en" else f".{self._language}.png"
        self._image.quantize(32).save(Path(__file__).with_name(name), optimize=True)


def font_of(language: str, size: float) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    return ImageFont.load_default(size) if language == "en" else ImageFont.truetype("NotoSansCJK-Regular.ttc", size, 1)


def descend(loss: Callable[[], Tensor], parameters: list[Tensor], rate: float, steps: int) -> None:
    for _ in range(steps):
        for p, gradient in zip(parameters, torch.autograd.grad(loss(), parameters), strict=True):
            p.data -= rate * gradient


def domains(language: str = "en") -> None:
    """AdaBN on a target that is scaled and shifted; CORAL on one whose second feature says nothing."""
    adaptation = solution("domain_adaptation")
    torch.manual_seed(2)
    torch.set_default_dtype(torch.float64)
    panels = Panels(language)
    y = torch.arange(SAMPLES) % 2
    side = 2.0 * y - 1
    source = torch.stack([2 * side + torch.randn(SAMPLES), 2 * side + 0.5 * torch.randn(SAMPLES)], 1)

    model = nn.Sequential(nn.BatchNorm1d(2), nn.Linear(2, 2))
    descend(lambda: F.cross_entropy(model(source), y), list(model.parameters()), rate=0.5, steps=30)
    moved = torch.stack([2 * side + torch.randn(SAMPLES), 2 * side + torch.randn(SAMPLES)], 1)
    moved = moved * torch.tensor([3.0, 0.5]) + 6
    model.eval()
    with torch.no_grad():
        panels.plot(0, 0, "Source's statistics", model, moved, y)
        adaptation.adapt_batch_norm(model, moved.split(40))
        panels.plot(0, 1, "AdaBN", model, moved, y)

    target = torch.stack([2 * side + torch.randn(SAMPLES), 5 * torch.randn(SAMPLES)], 1)
    start = torch.eye(2) + 0.1 * torch.randn(2, 2), 0.3 * torch.randn(2, 2)
    for column, (title, weight) in enumerate({"Source's labels alone": 0.0, "CORAL": 0.3}.items()):
        first, second = (value.clone().requires_grad_() for value in start)

        def loss(first: Tensor = first, second: Tensor = second, weight: float = weight) -> Tensor:
            apart: Tensor = adaptation.coral_loss(source @ first, target @ first)
            return F.cross_entropy(source @ first @ second, y) + weight * apart

        descend(loss, [first, second], rate=0.03, steps=60)

        def scores(x: Tensor, first: Tensor = first, second: Tensor = second) -> Tensor:
            return (x @ first @ second).detach()

        panels.plot(1, column, title, scores, target, y)
    panels.save("domains")


if __name__ == "__main__":
    domains(*sys.argv[1:])
