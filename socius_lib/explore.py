"""Pictures to explore: a point or a key brings out what belongs together.

They are HTML that stands by itself: an inline SVG and its style, without scripts and without
anything from elsewhere, the same on every run.
"""

from __future__ import annotations

import html
from dataclasses import dataclass

import pandas as pd

from socius_lib.errors import SociusError
from socius_lib.format import format_number
from socius_lib.plots import COLOURS
from socius_lib.show import ShownTable, show_table

_LINE, _TOP = 20, 88
_LEFT, _RIGHT = (150, 400, 850), (150, 690, 850)
"""Where ties arrive at the nodes of each column, and where they leave: names stand between."""
_ENDS = (150, 690, 1000)
"""Where the name of a node ends at the latest."""
_WIDTHS = ((10, 7.0), (5, 4.0), (2, 2.2), (1, 1.2))
"""From how many meetings on a tie has which width."""
_HINT = "Wijs een knoop aan, of ga ernaar met de Tab-toets: zijn banden lichten op."
_STYLE = """
.netwerk svg { width: 100%; min-width: 46rem; height: auto; font: 13px system-ui, sans-serif; }
.netwerk { overflow-x: auto; margin: 0.8rem 0 1.4rem; }
.netwerk figcaption { font-weight: 600; }
.netwerk path { fill: none; stroke: #6b7280; }
.netwerk .alle { opacity: 0.22; }
.netwerk .knoop { cursor: pointer; outline: none; }
.netwerk .banden, .netwerk .uitleg { opacity: 0; pointer-events: none; }
.netwerk .banden path { stroke: #b8892b; stroke-linecap: round; }
.netwerk .knoop:hover > g, .netwerk .knoop:focus > g { opacity: 1; }
.netwerk .knoop:hover > text, .netwerk .knoop:focus > text { font-weight: 700; }
.netwerk .knoop:focus > rect { stroke: #111827; stroke-width: 2; }
.netwerk:has(.knoop:hover) .alle, .netwerk:has(.knoop:focus) .alle { opacity: 0.07; }
.netwerk:has(.knoop:hover) .knoop:focus:not(:hover) > g { opacity: 0; }
"""


@dataclass(frozen=True)
class ShownNetwork:
    """A network to explore: the page's HTML, and the ties as text for who does not see it."""

    alt: str
    html: str
    ties: ShownTable

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return f"Netwerk: {self.alt}\n{self.ties!r}"


def show_network(nodes: pd.DataFrame, ties: pd.DataFrame, title: str, alt: str) -> ShownNetwork:
    """Return a network of three kinds of nodes to explore with pointer or keyboard.

    A node that is pointed at, or reached with the Tab key, has its ties brought out; its tooltip
    lists them.

    Parameters
    ----------
    nodes : `naam`, `soort` (the kind), `groep` (written above the first of each group; missing for
        none), `gewicht` (meetings), `kolom` and `regel` (where it lies).
    ties : `van`, `naar` (names, from left to right) and `gewicht` (meetings).
    alt : what the network tells, for who does not see it; never empty.
    """
    if not alt.strip():
        raise SociusError("Een netwerk heeft een alternatieve tekst nodig: zeg wat het toont.")
    if not set(nodes["kolom"]) <= set(range(len(_LEFT))):
        raise SociusError("Een netwerk om te verkennen heeft hoogstens drie kolommen.")
    placed = nodes.assign(
        links=[_LEFT[column] for column in nodes["kolom"]],
        rechts=[_RIGHT[column] for column in nodes["kolom"]],
        hoogte=[round(_TOP + _LINE * line) for line in nodes["regel"]],
    )
    drawn = _drawn_ties(placed, ties)
    height = placed["hoogte"].max() + _LINE
    body = [
        f'<g class="alle">{_paths(drawn)}</g>',
        *(_heading(rows.iloc[0]) for _, rows in placed.groupby("kolom")),
        *(
            _group(node)
            for _, node in placed.dropna(subset="groep").drop_duplicates("groep").iterrows()
        ),
        *(_node(node, drawn) for _, node in placed.iterrows()),
    ]
    shown = show_table(
        ties.rename(columns={"van": "Van", "naar": "Naar", "gewicht": "Momenten"}), title
    )
    page = (
        f'<figure class="netwerk"><style>{_STYLE}</style>'
        f'<figcaption>{html.escape(title)}</figcaption><p class="klein">{_HINT}</p>'
        f'<svg viewBox="0 0 1000 {height}" role="group" aria-label="{html.escape(alt)}">'
        f"{''.join(body)}</svg></figure>"
        f'<details class="gegevens"><summary>De gegevens van de figuur</summary>'
        f"{shown._repr_html_()}</details>"
    )
    return ShownNetwork(alt, page, shown)


def _drawn_ties(placed: pd.DataFrame, ties: pd.DataFrame) -> pd.DataFrame:
    """Return the ties with the piece of path that draws each, and its width."""
    at = placed.set_index("naam")
    begin, end = at.loc[ties["van"]], at.loc[ties["naar"]]
    paths = [
        f"M{x} {y}L{u} {v}"
        for x, y, u, v in zip(
            begin["rechts"], begin["hoogte"], end["links"], end["hoogte"], strict=True
        )
    ]
    width = [
        next(width for least, width in _WIDTHS if weight >= least) for weight in ties["gewicht"]
    ]
    return ties.assign(pad=paths, breedte=width)


def _paths(drawn: pd.DataFrame) -> str:
    return "".join(
        f'<path stroke-width="{width}" d="{"".join(rows["pad"])}"/>'
        for width, rows in drawn.groupby("breedte")
    )


def _heading(node: pd.Series) -> str:
    colour = COLOURS[node["kolom"]]
    side = "end" if node["kolom"] == 0 else "start"
    where = f'x="{node["links"]}" y="{_TOP - 2 * _LINE}" text-anchor="{side}"'
    return (
        f'<text {where} font-weight="700" font-size="16" fill="{colour}">'
        f"{html.escape(node['soort'])}</text>"
    )


def _group(node: pd.Series) -> str:
    where = f'x="{node["links"] + 14}" y="{node["hoogte"] - _LINE + 5}"'
    return (
        f'<text {where} font-weight="700" fill="{COLOURS[node["kolom"]]}">'
        f"{html.escape(node['groep'])}</text>"
    )


def _node(node: pd.Series, drawn: pd.DataFrame) -> str:
    """Return a node with its own ties, which stay hidden until it is pointed at or has the focus."""
    name, x, y, column = node["naam"], node["links"], node["hoogte"], node["kolom"]
    own = drawn[(drawn["van"] == name) | (drawn["naar"] == name)]
    others = own["naar"].where(own["van"] == name, own["van"])
    listed = sorted(zip(-own["gewicht"], others, strict=True))
    meetings = f"{format_number(node['gewicht'])} {_count_word(node['gewicht'], 'moment')}"
    said = f"{name}: {meetings}, {len(own)} {_count_word(len(own), 'band')}"
    tip = "; ".join([said, *(f"{other} {format_number(-count)}" for count, other in listed)])
    begin, end = (0, x + 12) if column == 0 else (x - 12, _ENDS[column])
    side, shift = ("end", -14) if column == 0 else ("start", 14)
    leave = f'<circle cx="{node["rechts"]}" cy="{y}" r="2" fill="{COLOURS[column]}"/>'
    return (
        f'<g class="knoop" tabindex="0" role="img"><title>{html.escape(tip)}</title>'
        f'<g class="banden">{_paths(own)}</g>'
        f'<rect x="{begin}" y="{y - 9}" width="{end - begin}" height="18" rx="4" fill="#fff" '
        f'fill-opacity="0"/>{leave}{_mark(column, x, y, node["gewicht"])}'
        f'<text x="{x + shift}" y="{y + 4.5}" text-anchor="{side}" fill="#111827">'
        f"{html.escape(name)}</text>"
        f'<g class="uitleg"><text x="0" y="16" font-weight="700" fill="#111827">'
        f"{html.escape(said)}</text></g></g>"
    )


def _count_word(count: float, word: str) -> str:
    return word if count == 1 else f"{word}en"


def _mark(column: int, x: int, y: int, weight: float) -> str:
    """Return the mark of a node: another form and colour per column, larger with more meetings."""
    half = round(3 + min(weight, 60) ** 0.5 * 0.75, 1)
    if column == 0:
        return f'<circle cx="{x}" cy="{y}" r="{half}" fill="{COLOURS[column]}"/>'
    turn = f' transform="rotate(45 {x} {y})"' if column == 2 else ""
    side = round(2 * half, 1)
    return (
        f'<rect x="{round(x - half, 1)}" y="{round(y - half, 1)}" width="{side}" height="{side}" '
        f'fill="{COLOURS[column]}"{turn}/>'
    )
