"""Networks as pictures: all is in them, and nothing is fetched from elsewhere."""

import re
from html.parser import HTMLParser

import pandas as pd
import pytest

from socius_lib import SociusError
from socius_lib.explore import show_network
from socius_lib.plots import plot_network

NODES = pd.DataFrame(
    [
        ("AB", "Medewerkers", None, 3, 0, 0.5),
        ("Kabinet <Aspe>", "Actoren", "Beleid", 2, 1, 1.0),
        ("Koepel Roos", "Actoren", "Onderzoek", 1, 1, 3.0),
        ("Kader", "Thema's", None, 3, 2, 1.5),
    ],
    columns=["naam", "soort", "groep", "gewicht", "kolom", "regel"],
)
TIES = pd.DataFrame(
    [("AB", "Kabinet <Aspe>", 2), ("AB", "Koepel Roos", 1), ("Kabinet <Aspe>", "Kader", 2)],
    columns=["van", "naar", "gewicht"],
)


def shown():
    return show_network(NODES, TIES, "Netwerk", "AB heeft de meeste banden.")


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict]] = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_a_network_to_explore_stands_by_itself():
    page = shown()._repr_html_()
    parser = Tags()
    parser.feed(page)
    assert not {tag for tag, _ in parser.found} & {"script", "link", "img", "iframe", "use"}
    assert not re.search(r"https?:|url\(|@import|src=|href=| id=", page)


def test_every_node_can_be_reached_with_the_keyboard_and_lists_its_ties():
    page = shown().html
    assert page.count('tabindex="0"') == len(NODES)
    assert "<title>AB: 3 momenten, 2 banden; Kabinet &lt;Aspe&gt; 2; Koepel Roos 1</title>" in page
    assert "<title>Koepel Roos: 1 moment, 1 band; AB 1</title>" in page


def test_every_tie_is_drawn_once_faint_and_once_at_each_of_its_ends():
    strokes = re.findall(r"M\d+ \d+L\d+ \d+", shown().html)
    assert len(strokes) == 3 * len(TIES) and len(set(strokes)) == len(TIES)


def test_the_ties_stand_in_the_text_that_is_compared():
    text = repr(shown())
    assert text.startswith("Netwerk: AB heeft de meeste banden.")
    assert "Kabinet <Aspe> | Kader | 2" in text


def test_a_network_is_the_same_every_time():
    assert shown().html == shown().html


def test_a_network_needs_a_text_for_who_does_not_see_it():
    with pytest.raises(SociusError, match="alternatieve tekst"):
        show_network(NODES, TIES, "Netwerk", " ")


def test_a_network_to_print_names_each_kind_group_and_node():
    axes = plot_network(NODES, TIES, "AB kent iedereen")
    texts = {text.get_text() for text in axes.texts}
    assert set(NODES["naam"]) | set(NODES["soort"]) | {"Beleid", "Onderzoek"} <= texts
    assert len(axes.lines) == len(TIES)
    widths = [line.get_linewidth() for line in axes.lines]
    assert widths[0] < widths[1] == widths[2]
