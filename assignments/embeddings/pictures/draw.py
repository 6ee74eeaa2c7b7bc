"""Draws the picture of the handout: `python assignments/embeddings/pictures/draw.py` writes it beside this file.

Ten words of two topics before and after skip-gram with negative sampling, computed with the solutions. With `ko`, that of
the Korean handout, whose letters are of Debian's package fonts-noto-cjk. It is committed, because letters come out a little
differently with every version of the font library.
"""

from __future__ import annotations

import importlib.util
import random
import sys
from pathlib import Path
from types import ModuleType

import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

SCALE = 2  # pixels per unit, so that letters stay crisp on large screens
SIDE, TOP, GAP = 320, 34, 20
INK, PAPER, GREY = "#1f2933", "#ffffff", "#9aa5b1"
COLOURS = ["#2f6fba", "#b5541c"]
TOPICS = [["cat", "dog", "horse", "mouse", "cow"], ["bread", "milk", "rice", "soup", "cake"]]
SEED, STEPS, NEGATIVES = 7, 35, 5
TITLES = {"en": ("before training", "after training"), "ko": ("학습 전", "학습 후")}


def solution(name: str) -> ModuleType:
    path = Path(__file__).parents[3] / "solutions" / "embeddings" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def trained() -> tuple[dict[str, int], Tensor, Tensor]:
    """The vocabulary, and the vectors of its words before and after."""
    encoding, embedding = solution("word_encoding"), solution("word_embedding")
    random.seed(SEED)
    torch.manual_seed(SEED)
    sentences = [" ".join(random.choices(topic, k=6)) for topic in TOPICS for _ in range(20)]
    vocabulary = encoding.build_vocabulary(sentences)
    pairs = torch.tensor(
        [
            pair
            for sentence in sentences
            for pair in embedding.skip_gram_pairs(encoding.encode(sentence, vocabulary, 6), window=2)
        ]
    )
    centres, contexts = (embedding.WordEmbedding(len(vocabulary), 2, padding_idx=0) for _ in range(2))
    before = centres.weight.detach().clone()
    optimizer = torch.optim.SGD([*centres.parameters(), *contexts.parameters()], lr=2.0)
    for _ in range(STEPS):
        others = torch.randint(2, len(vocabulary), (len(pairs), NEGATIVES))
        loss = embedding.negative_sampling_loss(centres(pairs[:, 0]), contexts(pairs[:, 1]), contexts(others))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return vocabulary, before, centres.weight.detach()


def font_of(language: str, size: float) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    return ImageFont.load_default(size) if language == "en" else ImageFont.truetype("NotoSansCJK-Regular.ttc", size, 1)


def panel(
    draw: ImageDraw.ImageDraw, left: float, title: str, language: str, vocabulary: dict[str, int], vectors: Tensor
) -> None:
    """One square with arrows from the origin to the words."""
    centre_x, centre_y = left + SIDE / 2, TOP + SIDE / 2
    unit = 0.33 * SIDE / float(vectors.norm(dim=1).max())
    large, small = (font_of(language, size * SCALE) for size in (14, 12))
    box = [left * SCALE, TOP * SCALE, (left + SIDE) * SCALE, (TOP + SIDE) * SCALE]
    draw.rectangle(box, outline=GREY, width=SCALE)
    draw.text((centre_x * SCALE, TOP / 2 * SCALE), title, fill=INK, font=large, anchor="mm")
    for axis in ((left, centre_y, left + SIDE, centre_y), (centre_x, TOP, centre_x, TOP + SIDE)):
        draw.line([value * SCALE for value in axis], fill="#e4e7eb", width=SCALE)
    ends = {}
    for topic, colour in zip(TOPICS, COLOURS, strict=True):
        for word in topic:
            x, y = vectors[vocabulary[word]].tolist()
            ends[word] = (centre_x + unit * x, centre_y - unit * y, colour)
    for side in (-1, 1):  # left and right of the origin, from top to bottom, so that no label hides another
        lowest = float("-inf")
        here = [item for item in ends.items() if (item[1][0] >= centre_x) == (side == 1)]
        for word, (x, y, colour) in sorted(here, key=lambda item: item[1][1]):
            draw.line([centre_x * SCALE, centre_y * SCALE, x * SCALE, y * SCALE], fill=colour, width=SCALE)
            draw.ellipse([(x - 3) * SCALE, (y - 3) * SCALE, (x + 3) * SCALE, (y + 3) * SCALE], fill=colour)
            lowest = max(y, lowest + 13)
            place = ((x + 7 * side) * SCALE, lowest * SCALE)
            draw.text(place, word, fill=colour, font=small, anchor="lm" if side == 1 else "rm")


def main(language: str = "en") -> None:
    vocabulary, before, after = trained()
    image = Image.new("RGB", ((2 * SIDE + 3 * GAP) * SCALE, (TOP + SIDE + GAP) * SCALE), PAPER)
    draw = ImageDraw.Draw(image)
    for left, title, vectors in zip((GAP, 2 * GAP + SIDE), TITLES[language], (before, after), strict=True):
        panel(draw, left, title, language, vocabulary, vectors)
    name = "word_vectors.png" if language == "en" else f"word_vectors.{language}.png"
    image.quantize(64).save(Path(__file__).with_name(name), optimize=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
