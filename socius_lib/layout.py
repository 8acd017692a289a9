"""What every page gets, however it was made: contents, complete tables, room for what is wide.

A page comes from a template, from a notebook's text or from an object that a cell shows; here it is
brought to one form, so that it can be read by eye, by ear, with keys only and on paper.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bs4 import BeautifulSoup, Tag

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
BETWEEN = ("h1", "nav", "img", "svg", "table")
"""What parts a table from the heading above it."""
UPRIGHT, ON_SIDE = 95, 140
"""Characters of words and numbers that fit beside each other on an upright sheet, or a turned one."""
ON_PAPER = 15
"""Rows of a figure's data up to which they are printed with it; more are on the page only."""


@dataclass(frozen=True)
class Words:
    """What the layout says, in one language."""

    contents: str
    table: str
    picture: str
    elsewhere: str


WORDS: Mapping[str, Words] = {
    "nl": Words(
        "Op deze bladzijde", "Tabel bij", "Figuur zonder beschrijving", "rijen, op de webpagina"
    ),
    "en": Words(
        "On this page", "Table of", "Picture without a description", "rows, on the web page"
    ),
}
NBCONVERT_ALT = "No description has been provided for this image"


def lay_out(page: str) -> str:
    """Return a page with contents, and its tables complete, in a region that scrolls.

    Tables that do not fit upright get the class `breed`, with the heading above them: print turns
    the sheet for them. Those that do not fit then either get `breekt`: their words break.
    """
    soup = BeautifulSoup(page, "html.parser")
    words, main = WORDS[str(_one(soup, "html")["lang"])], _one(soup, "main")
    _name_headings(main)
    for picture in main("img", alt=NBCONVERT_ALT):
        picture["alt"] = words.picture
    for table in main("table"):
        _complete_headers(table)
        _make_scroll(soup, table, words)
    for details in main("details", class_="gegevens"):
        _decide_print(soup, details, words)
    _add_contents(soup, main, words)
    return str(soup)


def _one(within: Tag, name: str) -> Tag:
    found = within.find(name)
    if not isinstance(found, Tag):
        raise ValueError(f"a page without <{name}>")
    return found


def _add_class(tag: Tag, name: str) -> None:
    names = [*map(str, tag.get_attribute_list("class")), name]
    tag["class"] = " ".join(dict.fromkeys(names))


def _name_headings(main: Tag) -> None:
    """Give each heading an id that no other heading has, and no link to itself."""
    names = {str(tag["id"]) for tag in main(id=True) if tag.name not in HEADINGS}
    for heading in main(HEADINGS):
        for link in heading("a", class_="anchor-link"):
            link.decompose()
        stem = name = str(heading.get("id") or "-".join(heading.get_text().split()))
        count = 1
        while name in names:
            count += 1
            name = f"{stem}-{count}"
        heading["id"] = name
        names.add(name)


def _complete_headers(table: Tag) -> None:
    """Say of each header cell whether it is of a column or a row; an empty one heads nothing."""
    for cell in table("th"):
        if not cell.get_text(strip=True):
            cell.name = "td"
            del cell["scope"]
        elif not cell.get("scope"):
            cell["scope"] = "col" if cell.find_parent("thead") else "row"


def _make_scroll(soup: BeautifulSoup, table: Tag, words: Words) -> None:
    """Put a table in a region that scrolls, reached with the keyboard, named as the table."""
    above = table.find_previous(HEADINGS)
    heading = f"{words.table} {above.get_text(strip=True)}" if above else words.table
    name = table.caption.get_text(" ", strip=True) if table.caption else heading
    region = soup.new_tag("div", attrs={"class": "tabel", "role": "group", "tabindex": "0"})
    region["aria-label"] = name
    table.wrap(region)
    width = _least_width(table)
    if width > UPRIGHT and not table.find_parent("details"):
        for block in _with_heading(region):
            _add_class(block, "breed")
    if width > ON_SIDE:
        _add_class(region, "breekt")


def _least_width(table: Tag) -> int:
    """Return how many characters a table is wide at least: the longest words of its columns."""
    widths: list[int] = []
    for row in table("tr"):
        for at, cell in enumerate(row(("th", "td"))):
            text = cell.get_text(" ", strip=True)
            whole = cell.name == "td" and "getal" in cell.get_attribute_list("class")
            word = len(text) if whole else max(map(len, re.split(r"[\s/-]", text)))
            if at == len(widths):
                widths.append(0)
            widths[at] = max(widths[at], word + 2)
    return sum(widths)


def _with_heading(region: Tag) -> list[Tag]:
    """Return the blocks from the heading above a table to the table, when nothing else is between."""
    block = region
    while block.parent and block.parent.name not in ("main", "section"):
        block = block.parent
    blocks = [block]
    for former in block.previous_siblings:
        if not isinstance(former, Tag):
            continue
        if former.name in BETWEEN or former.find(BETWEEN):
            break
        blocks.append(former)
        if former.name in HEADINGS or former.find(HEADINGS):
            return blocks
    return [block]


def _decide_print(soup: BeautifulSoup, details: Tag, words: Words) -> None:
    """Mark a figure's data to be printed when it is small; else say on paper where it is."""
    rows = len(details.select("tbody tr"))
    if rows <= ON_PAPER and all(_least_width(table) <= UPRIGHT for table in details("table")):
        _add_class(details, "kort")
    else:
        where = soup.new_tag("span", attrs={"class": "papier"})
        where.string = f" ({rows} {words.elsewhere})"
        _one(details, "summary").append(where)


def _add_contents(soup: BeautifulSoup, main: Tag, words: Words) -> None:
    """Put a list of the headings before the first of them, unless the page has its own."""
    headings = list(_headings(main))
    if len(headings) < 3 or main.find(class_="inhoud"):
        return
    nav = soup.new_tag("nav", attrs={"class": "inhoud", "aria-labelledby": "inhoudstafel"})
    title, listed = soup.new_tag("p", id="inhoudstafel"), soup.new_tag("ul")
    title.string = words.contents
    for heading in headings:
        item, link = soup.new_tag("li"), soup.new_tag("a", href=f"#{heading['id']}")
        link.string = heading.get_text(strip=True)
        item.append(link)
        listed.append(item)
    nav.extend([title, listed])
    (headings[0].find_parent(class_="cell") or headings[0]).insert_before(nav)


def _headings(main: Tag) -> Iterator[Tag]:
    yield from (heading for heading in main("h2") if not heading.find_parent("details"))
