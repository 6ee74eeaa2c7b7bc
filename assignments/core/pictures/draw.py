"""Draws the pictures of the handout: `python assignments/core/pictures/draw.py` writes them beside this file.

With `ko`, those of the Korean handout, whose letters are of Debian's package fonts-noto-cjk. They are committed, because
letters come out a little differently with every version of the font library.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

SCALE = 2  # pixels per unit, so that letters stay crisp on large screens
WIDTH, HEIGHT = 720, 210
INK, PAPER, GREY = "#1f2933", "#ffffff", "#7b8794"
LAYER, NORM, ACTIVATION, SUM = "#cfe3fb", "#d9f0dd", "#fde3c8", "#f6d5e5"
ROW, ARC = 60, 160
"""Heights of the branch and of the shortcut below it."""
WORDS = {
    "en": {},
    "ko": {
        "f(x) = h(x) - x: what is missing from the input": "f(x) = h(x) - x: 입력에 더해야 할 나머지",
        "shortcut: x itself, or conv 1x1 and bn": "지름길 연결: x 그대로, 또는 conv 1x1과 bn",
        "a projection if the stride is not 1 or the channels differ": "스트라이드가 1이 아니거나 채널 수가 다르면 사영",
    },
}
"""By language, what stands for each text that is not the same in all of them."""


class Picture:
    """A drawing in units of SCALE pixels."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), PAPER)
        self._draw = ImageDraw.Draw(self._image)

    def box(self, x: float, y: float, width: float, text: str, colour: str) -> None:
        """A rounded box with its centre at (x, y)."""
        corners = [(x - width / 2) * SCALE, (y - 18) * SCALE, (x + width / 2) * SCALE, (y + 18) * SCALE]
        self._draw.rounded_rectangle(corners, radius=7 * SCALE, fill=colour, outline=INK, width=SCALE)
        self.text(x, y, text)

    def circle(self, x: float, y: float, text: str, colour: str) -> None:
        corners = [(x - 15) * SCALE, (y - 15) * SCALE, (x + 15) * SCALE, (y + 15) * SCALE]
        self._draw.ellipse(corners, fill=colour, outline=INK, width=SCALE)
        self.text(x, y, text, size=20)

    def text(self, x: float, y: float, text: str, *, size: float = 14, colour: str = INK) -> None:
        font = font_of(self._language, size * SCALE)
        text = WORDS[self._language].get(text, text)
        self._draw.text((x * SCALE, y * SCALE), text, fill=colour, font=font, anchor="mm")

    def arrow(self, *points: tuple[float, float]) -> None:
        """A line through the points with a head at the last, which is reached horizontally or from below."""
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        self._draw.line(scaled, fill=INK, width=SCALE * 3 // 2, joint="curve")
        (x0, y0), (x, y) = scaled[-2:]
        back, wide = 8 * SCALE, 4 * SCALE
        head = [(x - back, y - wide), (x - back, y + wide)] if y == y0 else [(x - wide, y + back), (x + wide, y + back)]
        self._draw.polygon([(x, y), *head], fill=INK)

    def dot(self, x: float, y: float) -> None:
        self._draw.ellipse([(x - 4) * SCALE, (y - 4) * SCALE, (x + 4) * SCALE, (y + 4) * SCALE], fill=INK)

    def save(self, name: str) -> None:
        name += ".png" if self._language == "en" else f".{self._language}.png"
        self._image.quantize(64).save(Path(__file__).with_name(name), optimize=True)


def font_of(language: str, size: float) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    return ImageFont.load_default(size) if language == "en" else ImageFont.truetype("NotoSansCJK-Regular.ttc", size, 1)


def residual_block(language: str) -> None:
    """Two convolutions with normalisation, bridged by the shortcut; the two meet before the last ReLU."""
    picture = Picture(language)
    picture.text(22, ROW, "x", size=18)
    steps = [
        (130, 82, "conv1 3x3", LAYER),
        (217, 54, "bn1", NORM),
        (286, 54, "relu", ACTIVATION),
        (372, 82, "conv2 3x3", LAYER),
        (459, 54, "bn2", NORM),
    ]
    end = 34.0
    for x, width, text, colour in steps:
        picture.arrow((end, ROW), (x - width / 2, ROW))
        picture.box(x, ROW, width, text, colour)
        end = x + width / 2
    picture.arrow((end, ROW), (535, ROW))
    picture.text(288, 22, "f(x) = h(x) - x: what is missing from the input", colour=GREY)
    picture.circle(550, ROW, "+", SUM)
    picture.arrow((565, ROW), (597, ROW))
    picture.box(624, ROW, 54, "relu", ACTIVATION)
    picture.arrow((651, ROW), (684, ROW))
    picture.text(698, ROW, "y", size=18)
    picture.dot(58, ROW)
    picture.arrow((58, ROW), (58, ARC), (550, ARC), (550, ROW + 15))
    picture.box(304, ARC, 300, "shortcut: x itself, or conv 1x1 and bn", SUM)
    picture.text(304, ARC + 32, "a projection if the stride is not 1 or the channels differ", size=12, colour=GREY)
    picture.save("residual_block")


if __name__ == "__main__":
    residual_block(*sys.argv[1:] or ["en"])
