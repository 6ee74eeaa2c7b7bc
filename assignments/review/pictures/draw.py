"""Draws the pictures of the handout: `python assignments/review/pictures/draw.py` writes them beside this file.

With `ko`, those of the Korean handout, whose letters are of Debian's package fonts-noto-cjk. The numbers come from the
solutions. The pictures are committed, because letters come out a little differently with every version of the font library.
"""

from __future__ import annotations

import math
import runpy
import sys
from pathlib import Path

import torch
from PIL import Image, ImageDraw, ImageFont
from torch import nn

SCALE = 2  # pixels per unit, so that letters stay crisp on large screens
INK, PAPER, GREY = "#1f2933", "#ffffff", "#7b8794"
SOLUTIONS = Path(__file__).resolve().parents[3] / "solutions" / "review"
WORDS = {
    "en": {},
    "ko": {
        "fully connected: 225 weights": "완전 연결층: 가중치 225개",
        "every entry is a weight of its own": "원소마다 따로 있는 가중치",
        "convolution: 9 weights": "합성곱: 가중치 9개",
        "white is zero; each row is the kernel at another place": "흰색은 0, 행마다 커널이 다른 위치에 놓임",
        "norm of the gradient over time": "시점별 그래디언트 노름",
        "norm of the gradient over depth": "깊이별 그래디언트 노름",
        "step t": "시점 t",
        "block l": "블록 l",
        "LSTM, forget bias 3": "LSTM, 망각 게이트의 편향 3",
        "plain": "일반 층",
        "residual": "잔차 층",
    },
}
"""By language, what stands for each text that is not the same in all of them."""


class Picture:
    """A drawing in units of SCALE pixels."""

    def __init__(self, width: int, height: int, language: str) -> None:
        self._language = language
        self._image = Image.new("RGB", (width * SCALE, height * SCALE), PAPER)
        self._draw = ImageDraw.Draw(self._image)

    def cell(self, x: float, y: float, size: float, colour: str) -> None:
        """A square with its upper left corner at (x, y)."""
        corners = [x * SCALE, y * SCALE, (x + size) * SCALE, (y + size) * SCALE]
        self._draw.rectangle(corners, fill=colour, outline="#d5dae0", width=1)

    def line(self, points: list[tuple[float, float]], colour: str, width: float = 1) -> None:
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        self._draw.line(scaled, fill=colour, width=round(width * SCALE), joint="curve")

    def text(self, x: float, y: float, text: str, *, size: float = 14, colour: str = INK, anchor: str = "mm") -> None:
        font = font_of(self._language, size * SCALE)
        text = WORDS[self._language].get(text, text)
        self._draw.text((x * SCALE, y * SCALE), text, fill=colour, font=font, anchor=anchor)

    def save(self, name: str) -> None:
        name += ".png" if self._language == "en" else f".{self._language}.png"
        self._image.quantize(64).save(Path(__file__).with_name(name), optimize=True)


def font_of(language: str, size: float) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    return ImageFont.load_default(size) if language == "en" else ImageFont.truetype("NotoSansCJK-Regular.ttc", size, 1)


def hue(share: float) -> str:
    """A light colour of the rainbow for a share between 0 and 1."""
    red, green, blue = (
        round(255 * (0.62 + 0.36 * float(torch.cos(torch.tensor(6.2832 * (share - third)))))) for third in (0, 1 / 3, 2 / 3)
    )
    return f"#{min(red, 255):02x}{min(green, 255):02x}{min(blue, 255):02x}"


def conv2d_matrix(language: str) -> None:
    """The matrices of a fully connected layer and of a convolution from 5 x 5 to 3 x 3, a colour for each weight."""
    solution = runpy.run_path(str(SOLUTIONS / "conv2d.py"))
    kernel = torch.arange(1.0, 10.0).reshape(1, 1, 3, 3)
    matrix = solution["conv2d_matrix"](kernel, 5, 5)
    size, left, top = 12, 28, 44
    picture = Picture(720, 190, language)
    order = torch.randperm(matrix.numel(), generator=torch.Generator().manual_seed(1)).reshape(matrix.shape)
    for offset, title, below, shares in (
        (0, "fully connected: 225 weights", "every entry is a weight of its own", order / matrix.numel()),
        (364, "convolution: 9 weights", "white is zero; each row is the kernel at another place", (matrix - 1) / 9),
    ):
        for row, shares_of_row in enumerate(shares.tolist()):
            for column, share in enumerate(shares_of_row):
                picture.cell(left + offset + column * size, top + row * size, size, PAPER if share < 0 else hue(share))
        centre = left + offset + 12.5 * size
        picture.text(centre, 22, title, size=15)
        picture.text(centre, top + 9 * size + 18, below, size=12, colour=GREY)
    picture.save("conv2d_matrix")


STEPS, HIDDEN, BLOCKS, SEEDS = 40, 16, 30, 25


def norms_over_time() -> dict[str, torch.Tensor]:
    """The medians of SEEDS new cells of a kind, as shares of the last norm."""
    measure = runpy.run_path(str(SOLUTIONS / "gradient_flow.py"))["gradient_norms_over_time"]
    found: dict[str, list[torch.Tensor]] = {}
    for seed in range(SEEDS):
        torch.manual_seed(seed)
        xs = torch.randn(STEPS, 1, HIDDEN, dtype=torch.float64)
        h = torch.zeros(1, HIDDEN, dtype=torch.float64)
        opened = nn.LSTMCell(HIDDEN, HIDDEN)
        nn.init.constant_(opened.bias_ih[HIDDEN : 2 * HIDDEN], 3.0)
        for name, cell, state in (
            ("RNN", nn.RNNCell(HIDDEN, HIDDEN), h),
            ("LSTM", nn.LSTMCell(HIDDEN, HIDDEN), (h, h)),
            ("LSTM, forget bias 3", opened, (h, h)),
        ):
            norms = measure(cell.double(), xs, state)
            found.setdefault(name, []).append(norms / norms[-1])
    return {name: torch.stack(each).median(dim=0).values for name, each in found.items()}


def norms_over_depth() -> dict[str, torch.Tensor]:
    """The medians of SEEDS new stacks of linear layers with tanh, as shares of the last norm."""
    measure = runpy.run_path(str(SOLUTIONS / "gradient_flow.py"))["gradient_norms_over_depth"]
    found: dict[str, list[torch.Tensor]] = {}
    for seed in range(SEEDS):
        torch.manual_seed(seed)
        layers = [nn.Sequential(nn.Linear(HIDDEN, HIDDEN), nn.Tanh()).double() for _ in range(BLOCKS)]
        x = torch.randn(8, HIDDEN, dtype=torch.float64)
        for name, skip in (("plain", False), ("residual", True)):
            norms = measure(layers, x, skip)
            found.setdefault(name, []).append(norms / norms[-1])
    return {name: torch.stack(each).median(dim=0).values for name, each in found.items()}


def gradient_flow(language: str) -> None:
    """Norms on a logarithmic scale, against the step and against the depth."""
    half_life = runpy.run_path(str(SOLUTIONS / "gradient_flow.py"))["half_life"]
    picture = Picture(720, 300, language)
    top, height, decades = 44, 200, (-14, 2)

    def level(norm: float) -> float:
        return top + height * (decades[1] - math.log10(norm)) / (decades[1] - decades[0])

    for left, width, title, below, curves in (
        (64, 280, "over time", "step t", norms_over_time()),
        (424, 280, "over depth", "block l", norms_over_depth()),
    ):
        for decade in range(decades[0], decades[1] + 1, 2):
            picture.line([(left, level(10.0**decade)), (left + width, level(10.0**decade))], "#e4e8ec")
            picture.text(left - 8, level(10.0**decade), f"1e{decade}", size=11, colour=GREY, anchor="rm")
        picture.text(left + width / 2, 22, f"norm of the gradient {title}", size=15)
        last = len(next(iter(curves.values()))) - 1
        for tick in range(0, last + 1, 10):
            picture.text(left + width * tick / last, top + height + 12, str(tick), size=11, colour=GREY)
        picture.text(left + width / 2, top + height + 32, below, size=12, colour=GREY)
        for (name, norms), colour in zip(curves.items(), ("#d1495b", "#00798c", "#3f7d20")):
            at = [(left + width * t / last, level(norm)) for t, norm in enumerate(norms.tolist())]
            picture.line(at, colour, 2)
            # Beside the curve, where there is room for words.
            place = at[round(0.42 * last)]
            beside, anchor = LABELS[name]
            picture.text(place[0] + beside[0], place[1] + beside[1], name, size=12, colour=colour, anchor=anchor)
            print(f"{title:10}  {name:20}  first / last {float(norms[0]):.1e}  half-life {half_life(norms):.2f}")
    picture.save("gradient_flow")


LABELS = {
    "RNN": ((12, 8), "lm"),
    "LSTM": ((-10, -8), "rm"),
    "LSTM, forget bias 3": ((0, 18), "mm"),
    "plain": ((12, 8), "lm"),
    "residual": ((0, 16), "mm"),
}
"""Where a curve's name stands, seen from the curve, and what of it stands there."""


if __name__ == "__main__":
    for draw in (conv2d_matrix, gradient_flow):
        draw(*sys.argv[1:] or ["en"])
