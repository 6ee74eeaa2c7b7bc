"""Copies are found whatever variables are called; what everybody has says nothing."""

from __future__ import annotations

import random
import re

from autograder.language import speaking
from autograder.results import model
from autograder.results.model import SCHEMA, ExerciseResult, Result
from autograder.similar.fragments import fragments, words
from autograder.similar.pairs import pairs
from autograder.similar.write import dolos_files, similar_page, similarity_csv
from autograder.sources.model import ClassList, Member, Row
from tools.copies import COPIED, whole_submissions

STUB = "import torch\n\n\ndef f(x, y):\n    '''What is asked.'''\n    raise NotImplementedError('f: implement f')\n"
CALLS = ("relu", "sum", "mean", "exp", "clamp", "view", "sqrt", "abs", "cat", "stack")


def honest(seed: int) -> str:
    rng = random.Random(seed)
    lines = [
        f"    a{n} = b.{rng.choice(CALLS)}({rng.randrange(99)}) {rng.choice('+-*/')} c{rng.randrange(9)}"
        for n in range(12)
    ]
    return "import torch\n\n\ndef f(x, y):\n" + "\n".join(lines) + "\n    return torch.stack([x, y], dim=0).mean()\n"


def renamed(text: str) -> str:
    """Every variable has another name, and there are comments and other white space."""
    return re.sub(r"\b([ac])(\d)", r"value_\2_\1", text).replace(" = ", "   =  ").replace("\n", "  # mine\n")


def test_words_do_not_depend_on_names_comments_or_strings() -> None:
    one, other = "x = self.fc(a.b, 1)  # c\n", "'''doc\n'''\n\nlong_name   = self.fc(value.b, 1)"
    assert [word for word, _ in words(one)] == ["n", "=", "self", ".", "fc", "(", "n", ".", "b", ",", "1", ")"]
    assert fragments(one).keys() == fragments(other).keys()
    assert {line for _, line in words(other)} == {4}


def test_copies_come_first_and_the_stub_and_common_code_count_for_nothing() -> None:
    code = {f"s{n:02}": {"f": honest(n)} for n in range(30)}
    code |= {f"copy{n}": {"f": renamed(honest(n))} for n in range(3)}
    code |= {"stub1": {"f": STUB}, "stub2": {"f": STUB}}
    found = pairs(code, {"f": STUB}, {}, {})
    assert {(pair.first, pair.second) for pair in found[:3]} == {(f"copy{n}", f"s{n:02}") for n in range(3)}
    assert found[2].z > 10 > found[3].z
    assert found[0].dice["f"] > 0.99
    assert not any("stub" in pair.first + pair.second for pair in found)


def test_a_copy_of_an_earlier_year() -> None:
    code = {f"s{n:02}": {"f": honest(n)} for n in range(20)}
    old = {"2025/kim": {"f": renamed(honest(7))}, "2025/lee": {"f": renamed(honest(7))}}
    first = [(pair.first, pair.second) for pair in pairs(code, {}, {}, old)]
    assert first[:2] == [("2025/kim", "s07"), ("2025/lee", "s07")]
    assert ("2025/kim", "2025/lee") not in first


def test_short_code_proves_nothing() -> None:
    text = "def f(x):\n    return x.relu().sum(1) + 1\n"
    assert pairs({"a": {"f": text}, "b": {"f": text}, "c": {"f": honest(1)}}, {}, {}, {}) == []


def wrong(message: str) -> Result:
    tests = (model.TestResult("t", "", "failed", 0, 1, "visible", message, 0, False),)
    exercise = ExerciseResult(1.0, 2.0, "graded", "", tests)
    return Result(SCHEMA, "", "w", 1, "s", "full", 1, 2, {"f": exercise})


def test_the_same_rare_wrong_answer_is_a_second_witness() -> None:
    results = {"a": wrong("off by 0.71"), "b": wrong("off by 0.71"), "c": wrong("off by 2"), "d": wrong("off by 3")}
    (pair,) = pairs({name: {"f": ""} for name in results}, {}, results, {})
    assert (pair.first, pair.second, pair.same_wrong) == ("a", "b", ("f",))
    assert pair.line.endswith("; the same rare wrong behaviour: f")
    with speaking("ko"):
        assert pair.line.endswith("; 드문 방식으로 똑같이 틀린 문제: f")
        assert "<p>드문 방식으로 똑같이 틀린 문제: f</p>" in similar_page([pair], {}, {}).decode()


def test_what_is_written_is_safe_to_open() -> None:
    code = {name: {"f": honest(1) + "# </pre><script>alert(1)</script>\n"} for name in ("=evil", "<b>")}
    code |= {f"s{n}": {"f": honest(n + 5)} for n in range(4)}
    found = pairs(code, {}, {}, {})
    page = similar_page(found, code, {}).decode()
    assert "<script>" not in page
    assert "<bdi>&lt;b&gt;</bdi> and <bdi>=evil</bdi>" in page
    assert "<mark>" in page
    assert ",'=evil," in similarity_csv(found).decode("utf-8-sig")


def test_copies_of_whole_submissions_are_found_renamed_or_reordered() -> None:
    """`python -m tools.copies` measures more."""
    of_renamed, of_reordered, top = whole_submissions(random.Random(1))
    assert min(of_renamed, of_reordered) >= 0.99
    assert top >= 40 * 2 * COPIED // 44


def test_dolos_gets_numbered_files_and_whose_they_are() -> None:
    rows = [
        Row(name, (Member(name, section="CS1"),), submitted_at="2026-01-30T15:00:00+01:00") for name in ("=a", "b/c")
    ]
    code = {"=a": {"f": "x = 1\n", "g": "y\n"}, "b/c": {"f": "z = 2\n"}}
    files = dict(dolos_files(code, ClassList(1, "", "w", tuple(rows))))
    assert sorted(files) == ["f/1.py", "f/2.py", "f/info.csv", "g/1.py", "g/info.csv"]
    assert files["f/2.py"] == b"z = 2\n"
    assert files["f/info.csv"].decode().splitlines() == [
        "filename,label,full_name,created_at",
        "1.py,CS1,'=a,2026-01-30T15:00:00+01:00",
        "2.py,CS1,b/c,2026-01-30T15:00:00+01:00",
    ]
    rows[1] = Row("b/c")
    files = dict(dolos_files(code, ClassList(1, "", "w", tuple(rows))))
    assert files["f/info.csv"].startswith(b"filename,label,full_name\n")
