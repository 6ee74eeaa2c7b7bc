"""Draws the pictures of the handout: `python assignments/review/pictures/draw.py` writes them beside this file.

The numbers come from the solutions. The pictures are committed, because letters come out a little differently with every
version of the font library.
"""

from __future__ import annotations

import runpy
from pathlib import Path

import torch
from PIL import Image, ImageDraw, ImageFont

SCALE = 2  # pixels per unit, so that letters stay crisp on large screens
INK, PAPER, GREY = "#1f2933", "#ffffff", "#7b8794"
SOLUTIONS = Path(__file__).resolve().parents[3] / "solutions" / "review"


class Picture:
    """A drawing in units of SCALE pixels."""

    def __init__(self, width: int, height: int) -> None:
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
        font = ImageFont.load_default(size * SCALE)
        self._draw.text((x * SCALE, y * SCALE), text, fill=colour, font=font, anchor=anchor)

    def save(self, name: str) -> None:
        self._image.quantize(64).save(Path(__file__).with_name(name), optimize=True)


def hue(share: float) -> str:
    """A light colour of the rainbow for a share between 0 and 1."""
    red, green, blue = (
        round(255 * (0.62 + 0.36 * float(torch.cos(torch.tensor(6.2832 * (share - third)))))) for third in (0, 1 / 3, 2 / 3)
    )
    return f"#{min(red, 255):02x}{min(green, 255):02x}{min(blue, 255):02x}"


def conv2d_matrix() -> None:
    """The matrices of a fully connected layer and of a convolution from 5 x 5 to 3 x 3, a colour for each weight."""
    solution = runpy.run_path(str(SOLUTIONS / "conv2d.py"))
    kernel = torch.arange(1.0, 10.0).reshape(1, 1, 3, 3)
    matrix = solution["conv2d_matrix"](kernel, 5, 5)
    size, left, top = 12, 28, 44
    picture = Picture(720, 190)
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
    picture.save("conv2d_matrix.png")


if __name__ == "__main__":
    conv2d_matrix()
