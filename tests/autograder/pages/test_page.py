"""What every page keeps to, on one that does nothing else."""

from __future__ import annotations

import base64
import hashlib
import re
import sys
from pathlib import Path

import pytest

from autograder.pages.page import page

HOSTILE = "\"'><script>alert(1)</script>{{ 7*7 }}\u202e\udc80"


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("package") / "tried_page"
    templates = {
        "tried.html.j2": """{% extends "page.html.j2" %}{% block title %}{{ text }}{% endblock %}
{% block main %}<p title="{{ text }}"><a href="{{ text|address }}">{{ text }}</a></p>{% endblock %}""",
        "tried.css": "p > a { color: red; }\n",
        "tried.js": 'document.title = "a" && "<b>";\n',
    }
    for name, text in templates.items():
        (folder / "templates").mkdir(parents=True, exist_ok=True)
        (folder / "templates" / name).write_text(text)
    (folder / "__init__.py").write_text("")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(folder).parent))
        made = page("tried_page", "tried", text=HOSTILE).decode()
    sys.modules.pop("tried_page", None)
    return made


def test_whatever_is_put_in_is_escaped(made: str) -> None:
    assert made.count("<script>") == 1
    assert "{{ 7*7 }}" in made
    assert "49" not in re.sub(r"sha256-\S+", "", made)
    assert 'href="./%22%27%3E%3Cscript%3Ealert%281%29%3C/script%3E%7B%7B%207%2A7%20%7D%7D%E2%80%AE%80"' in made
    assert "\\udc80" in made


@pytest.mark.parametrize("what", ["style", "script"])
def test_the_browser_is_told_the_hash_of_what_is_there(made: str, what: str) -> None:
    text = made.partition(f"<{what}>")[2].partition(f"</{what}>")[0]
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    assert f"{what}-src 'sha256-{digest}'" in made
    assert {"style": "p > a { color: red; }", "script": '"a" && "<b>"'}[what] in text
