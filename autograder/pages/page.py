"""Makes a page of a template that extends `page.html.j2`. Whatever is put into it is escaped."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Callable
from functools import cache
from urllib.parse import quote

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, TemplateNotFound
from markupsafe import Markup

from autograder.language import spoken, tr, tr_n

_ALTERNATIVE = re.compile(r'(?<= / ")[^"\\]+(?=")')
"""What a style sheet says in words of a sign: `content: "✓" / "passes"`."""


def page(package: str, name: str, **values: object) -> bytes:
    """`templates/NAME.html.j2` of the package, with NAME.css and NAME.js beside it where they are there.

    The browser runs and applies nothing but these two, by their hashes: a template has no `style=`, no `onclick=`.
    Text that UTF-8 does not have, as in names of files in another encoding, is spelled out.
    """
    environment, text_of = _environment(package)
    style = _ALTERNATIVE.sub(lambda found: tr(found[0]), text_of("page.css") + text_of(f"{name}.css"))
    script = text_of(f"{name}.js")
    template = environment.get_template(f"{name}.html.j2")
    html = template.render(
        language=spoken(),
        style=Markup(style),
        style_hash=_hash(style),
        script=Markup(script),
        script_hash=_hash(script),
        **values,
    )
    return html.encode("utf-8", "backslashreplace")


def prepare(package: str) -> None:
    """Compile the package's templates, which takes longer than to make a page, while there is nothing else to do."""
    environment, _ = _environment(package)
    for name in environment.list_templates(extensions=["j2"]):
        environment.get_template(name)


@cache
def _environment(package: str) -> tuple[Environment, Callable[[str], str]]:
    loader = ChoiceLoader([PackageLoader(package), PackageLoader(__package__ or "")])
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["address"] = _address
    environment.globals |= {"tr": tr, "tr_n": tr_n}

    def text_of(name: str) -> str:
        try:
            return loader.get_source(environment, name)[0]
        except TemplateNotFound:
            return ""

    return environment, text_of


def _address(path: str) -> str:
    """The relative address of a file, whatever characters its name has: nothing in it is a scheme or a query."""
    return f"./{quote(os.fsencode(path))}"


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
