"""The link from a number to its definition: one form, in Markdown, in HTML and as plain text.

`definities.html#<id>` is the entry of a figure (kengetal), `definities.html#<id>@<year>` in it the
value of the year before. Whoever checks a number in a text can go by it: the form stays.
"""

from __future__ import annotations

import html
import re

PAGE = "definities.html"
_LINK = re.compile(rf"\[([^\[\]]+)\]\(({re.escape(PAGE)}#[\w.@]+)\)")


def cite(text: str, name: str) -> str:
    """Return a number as it is written, as Markdown link to the entry of the figure that it is.

    Parameters
    ----------
    name : the figure's id; `anchor_before` for its value of the year before.
    """
    return f"[{text}]({PAGE}#{name})"


def anchor_before(name: str, jaar: int) -> str:
    """Return where in the entry of a figure its value of another year, `jaar`, stands."""
    return f"{name}@{jaar}"


def relabel(link: str, text: str) -> str:
    """Return the link with another text: the same number with other decimals."""
    return _LINK.sub(lambda found: f"[{text}]({found[2]})", link)


def has_link(text: str) -> bool:
    """Tell whether a number in the text leads to its definition."""
    return _LINK.search(text) is not None


def as_html(text: str) -> str:
    """Return the text as HTML, its links as links; everything else in it is only text."""
    return _LINK.sub(r'<a href="\2">\1</a>', html.escape(text))


def as_text(text: str) -> str:
    """Return the text without links: of each, the number alone."""
    return _LINK.sub(r"\1", text)
