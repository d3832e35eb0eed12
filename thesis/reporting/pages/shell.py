"""The shell of every page: one file that needs nothing else and may do nothing else.

Style and script stand in the page and are named by their hashes in a Content-Security-Policy that
forbids all else, the network above all. Whatever comes from a thesis file or from prices is
escaped by the template.
"""

import base64
import hashlib
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from thesis.reporting.drawing import rules, stylesheet, variables
from thesis.reporting.theme import FONTS
from thesis.reporting.words.language import Language

#: A view's ground, whatever the notebook's: light paper, as its drawings are made for.
_VIEW = (
    "display:block;max-width:60rem;padding:1rem;background:var(--paper);color:var(--ink);"
    "font:15px/1.5 var(--fonts)"
)

if TYPE_CHECKING:
    from jinja2 import Template


def render(template: str, lang: Language, **content: Any) -> str:
    """A whole page.

    Parameters
    ----------
    template
        File of this folder, such as ``result.jinja``.
    content
        What the template asks for.
    """
    return _template(template).render(
        lang=lang,
        say=lang.say,
        style=style(),
        script=script(),
        policy=policy(),
        **content,
    )


def view(lang: Language, **content: Any) -> str:
    """A part of a page, for a notebook: no script, and style for itself alone."""
    return _template("view.jinja").render(lang=lang, say=lang.say, style=view_style(), **content)


def policy() -> str:
    """The Content-Security-Policy: this style, this script, and nothing from anywhere.

    Examples
    --------
    >>> policy().split("; ")[0]
    "default-src 'none'"
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src {_hashed(style())}",
            f"script-src {_hashed(script())}",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


@lru_cache(maxsize=1)
def style() -> str:
    """The style of every page."""
    fonts = f":root{{--fonts:{FONTS}}}"
    return "\n".join((fonts, stylesheet(), _text("parts.css"), _text("page.css"))).strip()


@lru_cache(maxsize=1)
def view_style() -> str:
    """The style of a view in a notebook, on light paper, which touches nothing beside it."""
    ground = f":scope{{--fonts:{FONTS};{_VIEW};{variables('light')}}}"
    return f"@scope (.thesis-view){{\n{ground}\n{rules()}\n{_text('parts.css')}}}"


@lru_cache(maxsize=1)
def script() -> str:
    """The script of every page: hover, sorting and the choice of light or dark."""
    return _text("page.js").strip()


def _hashed(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _text(name: str) -> str:
    return (files("thesis.reporting.pages") / name).read_text(encoding="utf-8")


@lru_cache(maxsize=8)
def _template(name: str) -> "Template":
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FunctionLoader(_text),
        autoescape=True,
        undefined=StrictUndefined,  # a fact that is missing is an error, never a hole
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # Our own style, script and drawings, which are made of escaped text, and nothing else.
    environment.filters["own"] = Markup
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    return environment.get_template(name)
