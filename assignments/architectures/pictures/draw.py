"""Draws the pictures of the handout: `python assignments/architectures/pictures/draw.py` writes them beside this file.

With `ko`, those of the Korean handout, whose letters are of Debian's package fonts-noto-cjk. They are committed, because
letters come out a little differently with every version of the font library.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

SCALE = 2  # pixels per unit, so that letters stay crisp on large screens
INK, PAPER, GREY = "#1f2933", "#ffffff", "#7b8794"
LAYER, NORM, ACTIVATION, SUM = "#cfe3fb", "#d9f0dd", "#fde3c8", "#f6d5e5"
WORDS = {
    "en": {},
    "ko": {
        "max pool 3x3": "최대 풀링 3x3",
        "256 channels,": "채널 256개,",
        "in this order": "이 순서로",
        "numbers are channels in GoogLeNet's first module": "숫자는 GoogLeNet 첫 모듈의 채널 수",
        "{} maps": "맵 {}개",
        "H{}: {} to {}": "H{}: {} → {}",
        "in_channels 4, growth_rate 2, three layers: the oldest maps lie at the bottom": (
            "in_channels 4, growth_rate 2, 층 세 개: 먼저 만든 맵일수록 아래에 있음"
        ),
        "ResNeXt: wide, narrow, wide": "ResNeXt: 넓게, 좁게, 넓게",
        "MobileNetV2: narrow, wide, narrow": "MobileNetV2: 좁게, 넓게, 좁게",
        "EfficientNet: the same, with gates": "EfficientNet: 같은 구조에 게이트 추가",
        "1x1, 256 to 128": "1x1, 256 → 128",
        "1x1, 128 to 256": "1x1, 128 → 256",
        "1x1, 24 to 144": "1x1, 24 → 144",
        "1x1, 144 to 24": "1x1, 144 → 24",
        "3x3, 32 groups": "3x3, 그룹 32개",
        "3x3 depthwise": "3x3 깊이별",
        "k x k depthwise": "k x k 깊이별",
        "ReLU after the sum": "더한 뒤 ReLU",
        "nothing after the sum": "더한 뒤 아무것도 없음",
    },
}
"""By language, what stands for each text that is not the same in all of them."""


class Picture:
    """A drawing in units of SCALE pixels."""

    def __init__(self, width: int, height: int, language: str) -> None:
        self._language = language
        self._image = Image.new("RGB", (width * SCALE, height * SCALE), PAPER)
        self._draw = ImageDraw.Draw(self._image)

    def box(self, x: float, y: float, width: float, text: str, colour: str, *, height: float = 30) -> None:
        """A rounded box with its centre at (x, y)."""
        corners = [x - width / 2, y - height / 2, x + width / 2, y + height / 2]
        self._draw.rounded_rectangle(_scaled(corners), radius=6 * SCALE, fill=colour, outline=INK, width=SCALE)
        self.text(x, y, text)

    def circle(self, x: float, y: float, text: str, colour: str) -> None:
        self._draw.ellipse(_scaled([x - 13, y - 13, x + 13, y + 13]), fill=colour, outline=INK, width=SCALE)
        self.text(x, y, text, size=18)

    def text(self, x: float, y: float, text: str, *, size: float = 13, colour: str = INK) -> None:
        font = font_of(self._language, size * SCALE)
        self._draw.text((x * SCALE, y * SCALE), self.word(text), fill=colour, font=font, anchor="mm")

    def word(self, text: str) -> str:
        """A text in the picture's language."""
        return WORDS[self._language].get(text, text)

    def line(self, *points: tuple[float, float]) -> None:
        flat = [(x * SCALE, y * SCALE) for x, y in points]
        self._draw.line(flat, fill=INK, width=SCALE * 3 // 2, joint="curve")

    def arrow(self, *points: tuple[float, float]) -> None:
        """A line through the points with a head at the last."""
        self.line(*points)
        (x0, y0), (x, y) = points[-2:]
        length = ((x - x0) ** 2 + (y - y0) ** 2) ** 0.5
        right, down = (x - x0) / length, (y - y0) / length
        back_x, back_y = x - 8 * right, y - 8 * down
        head = [x, y, back_x - 4 * down, back_y + 4 * right, back_x + 4 * down, back_y - 4 * right]
        self._draw.polygon(_scaled(head), fill=INK)

    def dot(self, x: float, y: float) -> None:
        self._draw.ellipse(_scaled([x - 4, y - 4, x + 4, y + 4]), fill=INK)

    def bar(self, left: float, top: float, right: float, bottom: float, colour: str) -> None:
        self._draw.rectangle(_scaled([left, top, right, bottom]), fill=colour, outline=INK, width=SCALE)

    def save(self, name: str) -> None:
        name += ".png" if self._language == "en" else f".{self._language}.png"
        self._image.quantize(64).save(Path(__file__).with_name(name), optimize=True)


def font_of(language: str, size: float) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    return ImageFont.load_default(size) if language == "en" else ImageFont.truetype("NotoSansCJK-Regular.ttc", size, 1)


def _scaled(numbers: list[float]) -> list[float]:
    return [number * SCALE for number in numbers]


def inception_module(language: str) -> None:
    """Four branches on one image; their channels are stacked, as tall as they are many in GoogLeNet's first module."""
    picture = Picture(720, 300, language)
    picture.text(30, 140, "x", size=18)
    picture.text(30, 162, "192", size=12, colour=GREY)
    branches = [
        (45, None, ("conv1x1", LAYER), 64),
        (110, ("reduce3x3", LAYER, 96), ("conv3x3", LAYER), 128),
        (175, ("reduce5x5", LAYER, 16), ("conv5x5", LAYER), 32),
        (240, ("max pool 3x3", NORM, 192), ("pool_proj 1x1", LAYER), 32),
    ]
    picture.dot(60, 140)
    top = 35.0
    for y, first, (name, colour), channels in branches:
        if first is None:
            picture.arrow((44, 140), (60, 140), (60, y), (330, y))
        else:
            label, shade, between = first
            picture.arrow((60, 140), (60, y), (110, y))
            picture.box(168, y, 116, label, shade)
            picture.arrow((226, y), (330, y))
            picture.text(278, y - 12, f"{'relu, ' if shade == LAYER else ''}{between}", size=12, colour=GREY)
        picture.box(390, y, 120, name, colour)
        height = channels * 0.8
        middle = top + height / 2
        picture.arrow((450, y), (520, y), (520, middle), (566, middle))
        picture.text(485, y - 12, f"relu, {channels}", size=12, colour=GREY)
        picture.box(596, middle, 60, str(channels), SUM, height=height)
        top += height + 3
    picture.text(596, top + 16, "256 channels,", size=12, colour=GREY)
    picture.text(596, top + 32, "in this order", size=12, colour=GREY)
    picture.text(170, 278, "numbers are channels in GoogLeNet's first module", size=12, colour=GREY)
    picture.save("inception_module")


def dense_block(language: str) -> None:
    """The pile of maps grows by `growth_rate` with every layer, and each layer sees the whole pile."""
    picture = Picture(720, 250, language)
    channels, growth, unit, ground = 4, 2, 17, 205
    colours = [SUM, LAYER, NORM, ACTIVATION]
    for layer in range(4):
        left = 48 + 196 * layer
        counts = [channels] + [growth] * layer
        top = float(ground)
        for count, colour in zip(counts, colours, strict=False):
            for _ in range(count):
                picture.bar(left, top - unit, left + 44, top - 2, colour)
                top -= unit
        total = channels + growth * layer
        picture.text(left + 22, ground + 16, picture.word("{} maps").format(total))
        if layer < 3:
            middle = left + 118
            picture.arrow((left + 50, ground - total * unit / 2), (middle - 44, ground - total * unit / 2))
            picture.box(middle, ground - total * unit / 2, 84, picture.word("H{}: {} to {}").format(layer + 1, total, growth), colours[layer + 1])
            new = ground - (total + growth / 2) * unit
            picture.arrow(
                (middle, ground - total * unit / 2 - 15), (middle, new), (left + 196 - 4, new)
            )
    picture.text(360, 238, "in_channels 4, growth_rate 2, three layers: the oldest maps lie at the bottom", colour=GREY)
    picture.save("dense_block")


def bottlenecks(language: str) -> None:
    """ResNeXt's, MobileNetV2's and EfficientNet's block; a box is as wide as its layer has channels."""
    picture = Picture(720, 430, language)
    resnext = [
        (64, "1x1, 256 to 128", LAYER),
        (64, "3x3, 32 groups", LAYER),
        (118, "1x1, 128 to 256", LAYER),
    ]
    inverted = [(190, "1x1, 24 to 144", LAYER), (190, "3x3 depthwise", LAYER), (60, "1x1, 144 to 24", LAYER)]
    mbconv = [
        (190, "1x1, 24 to 144", LAYER),
        (190, "k x k depthwise", LAYER),
        (190, "squeeze-and-excitation", ACTIVATION),
        (60, "1x1, 144 to 24", LAYER),
    ]
    columns = [
        ("ResNeXt: wide, narrow, wide", 120, 118.0, resnext, "BN, ReLU", "ReLU after the sum"),
        ("MobileNetV2: narrow, wide, narrow", 360, 60.0, inverted, "BN, ReLU6", "nothing after the sum"),
        ("EfficientNet: the same, with gates", 600, 60.0, mbconv, "BN, SiLU", "nothing after the sum"),
    ]
    for title, x, ends, steps, between, after in columns:
        picture.text(x, 18, title, size=13)
        picture.bar(x - ends / 2, 38, x + ends / 2, 46, SUM)
        y, step = 46.0, 250 / len(steps)
        for number, (width, text, colour) in enumerate(steps):
            height = 26
            picture.arrow((x, y), (x, y + step - height))
            if number in (1, 2):
                picture.text(x + 36, y + (step - height) / 2, between, size=10, colour=GREY)
            y += step
            picture.bar(x - width / 2, y - height, x + width / 2, y, colour)
            beside = 0 if width > 100 else width / 2 + 46  # what does not fit in stands beside
            picture.text(x + beside, y - height / 2, text, size=11)
        picture.arrow((x, y), (x, 332))
        picture.text(x + 20, (y + 332) / 2, "BN", size=10, colour=GREY)
        picture.circle(x, 345, "+", SUM)
        edge = x - 108
        picture.arrow((x - ends / 2, 42), (edge, 42), (edge, 345), (x - 13, 345))
        picture.arrow((x, 358), (x, 384))
        picture.bar(x - ends / 2, 384, x + ends / 2, 392, SUM)
        picture.text(x, 412, after, size=12, colour=GREY)
    picture.save("bottlenecks")


if __name__ == "__main__":
    for draw in (inception_module, dense_block, bottlenecks):
        draw(*sys.argv[1:] or ["en"])
