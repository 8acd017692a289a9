"""Pages, notebooks and pictures for outside: nothing in them runs, or asks anything of anywhere."""

from __future__ import annotations

import base64
import binascii
import hashlib
import html
import json
import re
import struct
from typing import Any
from urllib.parse import urlsplit

import lxml.html
import nh3

from socius_lib.errors import SociusError

_SVG = frozenset(
    [
        "svg",
        "g",
        "path",
        "circle",
        "ellipse",
        "line",
        "polyline",
        "polygon",
        "rect",
        "text",
        "tspan",
    ]
)
_TAGS = (nh3.ALLOWED_TAGS | _SVG | {"main", "section", "title", "desc"}) - {"map", "area", "center"}
_SHAPE = frozenset([
    "viewBox", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "ry", "dx", "dy", "d", "points",
    "width", "height", "transform", "fill", "stroke", "stroke-width", "stroke-dasharray", "opacity",
    "stroke-linecap", "stroke-linejoin", "fill-opacity", "stroke-opacity", "text-anchor",
    "dominant-baseline", "font-size", "font-weight", "focusable",
])  # fmt: skip
_ATTRIBUTES: dict[str, set[str]] = {
    "*": {"id", "class", "lang", "dir", "role", "tabindex", "title"},
    "a": {"href"},
    "col": {"span"},
    "colgroup": {"span"},
    "details": {"open", "name"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start", "reversed", "type"},
    "li": {"value"},
    "td": {"colspan", "rowspan", "headers"},
    "th": {"colspan", "rowspan", "headers", "scope", "abbr"},
    "time": {"datetime"},
    **{name: set(_SHAPE) for name in _SVG},
}
_NOTHING_OF = frozenset(["script", "style", "template", "noscript", "iframe", "object", "embed"])
_CSS_REACHES_OUT = re.compile(r"url\s*\(|@import|expression\s*\(|</|\\0*(75|55)\b", re.IGNORECASE)
_PNG = "data:image/png;base64,"
_PNG_START = b"\x89PNG\r\n\x1a\n"
_PICTURE = frozenset(
    [b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"sRGB", b"pHYs", b"sBIT"]
)


def _policy(css: str) -> str:
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    allowed = f"img-src data:; style-src 'sha256-{digest}'" if css else "img-src data:"
    return f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"


def safe_page(page: str, name: str) -> str:
    """Return a page of the workbench as it may leave: title, language, style and body, made harmless.

    No script, handler or outside address is left; the text of a link to outside stays, relative links
    and `mailto:` too. Its own style holds by its digest in the content security policy. Pictures are
    PNG in the page itself, without what their maker noted in them.

    Parameters
    ----------
    name : of the page, for messages.

    Raises
    ------
    SociusError
        for a picture that is not such a PNG, or a style that asks something of elsewhere.
    """
    document = lxml.html.document_fromstring(page)
    css = "\n".join((style.text or "").strip() for style in document.iter("style"))
    if _CSS_REACHES_OUT.search(css):
        raise SociusError(
            f"De stijl van `{name}` haalt iets van elders (url, @import). Haal dat weg."
        )
    title = html.escape(document.findtext(".//head/title") or name)
    language = html.escape(document.get("lang") or "nl")
    notes = "".join(
        f'<meta name="{html.escape(meta.get("name"))}" content="{html.escape(meta.get("content", ""))}">\n'
        for meta in document.iter("meta")
        if str(meta.get("name", "")).startswith("socius:")
    )
    found = re.search(r"<body[^>]*>(.*)</body>", page, re.DOTALL | re.IGNORECASE)
    body = _clean(found[1] if found else page, name)
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{html.escape(_policy(css))}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n{notes}<style>{css}</style>\n</head>\n<body>{body}</body>\n</html>\n"
    )


def _clean(body: str, name: str) -> str:
    def keep(tag: str, attribute: str, value: str) -> str | None:
        if tag == "img" and attribute == "src":
            return _safe_picture(value)
        return None if attribute == "href" and _problem(tag, attribute, value) else value

    cleaned = nh3.clean(
        body,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=keep,
        generic_attribute_prefixes={"aria-"},
        clean_content_tags=set(_NOTHING_OF),
        url_schemes={"mailto", "data"},
        link_rel=None,
    )
    pictures = lxml.html.document_fromstring(f"<body>{cleaned}</body>").iter("img")
    strange = sum(picture.get("src") is None for picture in pictures)
    if strange:
        raise SociusError(
            f"`{name}` heeft {strange} afbeeldingen die geen PNG in de bladzijde zelf zijn. "
            "Teken ze met show_figure."
        )
    return cleaned


def _safe_picture(address: str) -> str | None:
    if not address.startswith(_PNG):
        return None
    try:
        data = base64.b64decode(re.sub(r"\s", "", address.removeprefix(_PNG)), validate=True)
        return _PNG + base64.b64encode(scrub_png(data)).decode()
    except (binascii.Error, SociusError):
        return None


def refuse_unsafe(page: str, name: str) -> None:
    """Read a page that is to leave once more, apart from how it was made.

    Raises
    ------
    SociusError
        when something in it runs, asks for something outside, or its policy is not the one for its
        style.
    """
    document = lxml.html.document_fromstring(page)
    wrong = set()
    for node in document.iter():
        if not isinstance(node.tag, str):
            wrong.add("een opmerking")
            continue
        if node.tag not in _TAGS | {"html", "head", "body", "meta", "style"}:
            wrong.add(f"<{node.tag}>")
        wrong |= {problem for a, v in node.attrib.items() if (problem := _problem(node.tag, a, v))}
    styles = [style.text or "" for style in document.iter("style")]
    if len(styles) > 1 or any(map(_CSS_REACHES_OUT.search, styles)):
        wrong.add("een stijl van elders")
    told = [meta.get("content") for meta in document.iter("meta") if meta.get("http-equiv")]
    if told != [_policy("".join(styles))]:
        wrong.add("geen of een ander veiligheidsbeleid (CSP)")
    if wrong:
        raise SociusError(
            f"`{name}` mag zo niet naar buiten: {', '.join(sorted(wrong))}. "
            "Bladzijden voor buiten gaan door safe_page."
        )


def _problem(tag: str, attribute: str, value: str) -> str | None:
    if attribute.casefold().startswith("on") or attribute in {
        "style",
        "srcset",
        "ping",
        "background",
    }:
        return f"het attribuut {attribute}"
    bare = re.sub(r"[\s\x00-\x1f]", "", value).casefold()
    if attribute in {"href", "src", "action", "formaction", "poster", "data", "xlink:href"}:
        if tag == "img" and bare.startswith(_PNG):
            return None
        parts = urlsplit(bare)
        if parts.scheme not in {"", "mailto"} or parts.netloc or bare.startswith(("//", "\\")):
            return "een adres van elders"
    return None


def bare_notebook(text: str) -> str:
    """Return a notebook with its cells only: no outputs, counts, or what a program noted in it."""
    notebook: dict[str, Any] = json.loads(text)
    cells = []
    for cell in notebook["cells"]:
        kept = {name: cell[name] for name in ("cell_type", "id", "source") if name in cell}
        tags = cell.get("metadata", {}).get("tags", [])
        kept["metadata"] = {"tags": tags} if tags else {}
        if cell["cell_type"] == "code":
            kept |= {"outputs": [], "execution_count": None}
        cells.append(kept)
    python = {"name": "python3", "display_name": "Python 3", "language": "python"}
    about = {"kernelspec": python, "language_info": {"name": "python"}}
    bare = {"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(bare, ensure_ascii=False, indent=1) + "\n"


def scrub_png(data: bytes) -> bytes:
    """Return a PNG with only what is needed to show it: no text, time, EXIF, or what comes after it.

    Raises
    ------
    SociusError
        when it is no whole PNG.
    """
    kept, at = [_PNG_START], len(_PNG_START)
    while data.startswith(_PNG_START) and at + 12 <= len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        chunk = data[at : at + length + 12]
        at += length + 12
        if chunk[4:8] in _PICTURE:
            kept.append(chunk)
        if chunk[4:8] == b"IEND":
            return b"".join(kept)
    raise SociusError("Een afbeelding is geen hele PNG. Teken ze opnieuw.")
