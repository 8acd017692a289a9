"""Click a number: a figure leads to its definition, and the number that leads there is the figure."""

import ast
import html.parser
import re
from decimal import Decimal
from pathlib import Path

import nbformat
import pandas as pd
import pytest

import socius_lib as socius
from socius_lib import SociusError, calculate, links, origin, pages, reconcile, store
from socius_lib.checklist import code_cells, shown_links, unlinked
from socius_lib.format import round_half_up
from socius_lib.show import say, show_table
from socius_lib.workspace import Workspace

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


class Definitions(html.parser.HTMLParser):
    """The text of every entry of the page, what can be linked to, and the links of every entry."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.entries: dict[str, str] = {}
        self.ids: set[str] = set()
        self.links: dict[str, list[str]] = {}
        self._entry = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        of = dict(attrs)
        self.ids |= {of["id"]} if "id" in of else set()
        if tag == "section":
            self._entry = of["id"]
        if tag == "a":
            self.links.setdefault(self._entry, []).append(of["href"])

    def handle_data(self, data):
        before = self.entries.get(self._entry, "")
        self.entries[self._entry] = " ".join([*before.split(), *data.split()])


@pytest.fixture(scope="module")
def known(example) -> dict[str, calculate.Figure]:
    return calculate.of_year(example, 2021)[0]


@pytest.fixture(scope="module")
def before(example) -> dict[str, calculate.Figure]:
    return calculate.of_year_before(example, 2021)


@pytest.fixture(scope="module")
def definitions(example, known, before) -> Definitions:
    reconciled = reconcile.reconcile(known, store.read_partition(example, "gedrukt", 2021))
    return Definitions(pages.definitions_page(example, 2021, known, before, reconciled))


def test_a_number_that_leads_to_its_definition_is_a_link_on_a_page_and_a_number_in_a_text():
    link = links.cite("1.218", "aanbod.deelnemers.totaal")
    assert link == "[1.218](definities.html#aanbod.deelnemers.totaal)"
    shown = f"{link} deelnames"
    assert links.as_text(shown) == "1.218 deelnames"
    href = "definities.html#aanbod.deelnemers.totaal"
    assert links.as_html(shown) == f'<a href="{href}">1.218</a> deelnames'
    assert links.relabel(link, "1.218,0") == f"[1.218,0]({href})"


def test_what_is_no_link_to_a_definition_stays_text():
    typed = "<b>[hier](http://elders)</b> & [1](x.html#a)"
    assert links.as_text(typed) == typed and not links.has_link(typed)
    assert "<a" not in links.as_html(typed) and "&lt;b&gt;" in links.as_html(typed)


def test_a_sentence_shows_its_links_and_its_plain_text_has_none():
    said = say(f"Er waren {links.cite('3', 'a.b')} deelnames.")
    assert "[3](definities.html#a.b)" in said._repr_markdown_()
    assert repr(said) == "Er waren 3 deelnames."


FIGURES = pd.DataFrame(
    {"waarde": [7.0, 80.04], "link": [links.cite("7", "a.x"), links.cite("80", "a.y")]},
    index=["x", "y"],
)


def test_a_number_of_a_table_leads_to_the_figure_that_it_is_and_keeps_its_decimals():
    table = pd.DataFrame({"naam": ["x", "y", "andere"], "n": [7.0, 80.04, 3.0]})
    shown = show_table(table, "Tabel", links={"n": FIGURES.reindex(["x", "y", "z"])})
    page = shown._repr_html_()
    assert '<td class="getal"><a href="definities.html#a.x">7,0</a></td>' in page
    assert '<a href="definities.html#a.y">80,0</a>' in page
    assert '<td class="getal">3,0</td>' in page
    assert repr(shown) == "Tabel\nnaam | n\nx | 7,0\ny | 80,0\nandere | 3,0"


def test_a_number_that_is_not_the_figure_it_would_lead_to_is_refused():
    table = pd.DataFrame({"naam": ["x"], "n": [8]})
    with pytest.raises(SociusError, match="tabel 'Tabel', kolom 'n': 8 is niet het kengetal"):
        show_table(table, "Tabel", links={"n": FIGURES.loc[["x"]]})
    with pytest.raises(SociusError, match="geen kolom 'm'"):
        show_table(table, "Tabel", links={"m": FIGURES.loc[["x"]]})


def test_written_figures_stand_at_the_right_like_numbers():
    table = pd.DataFrame({"naam": ["x"], "n": [f"{FIGURES['link']['x']} (1 %)"]})
    assert '<td class="getal"><a' in show_table(table, "Tabel")._repr_html_()


def test_the_figure_of_each_category_is_found_and_a_category_without_one_is_empty(example):
    here = socius.load_figures(2021, root=example.root).set_index("id")
    found = socius.figures_by(here, "overleg.{}.momenten", ["Beleidsactoren", "geen"])
    assert found["waarde"].iloc[0] == 103 and found["link"].isna().tolist() == [False, True]


def test_a_value_of_last_year_leads_to_where_it_stands_beside_that_of_this_year(example):
    toen = socius.load_figures_before(2021, root=example.root).set_index("id")
    name = "aanbod.deelnemers.totaal"
    assert toen["link"][name] == f"[946](definities.html#{name}@2020)"


def test_what_this_year_does_not_have_is_no_link(example, monkeypatch):
    def one(name: str) -> calculate.Figure:
        return calculate.Figure(name, 2020, 5.0, "count", 5, "A", "A.", "bron", 0)

    monkeypatch.setattr(calculate, "of_year", lambda *_: ({"a.b": one("a.b")}, []))
    monkeypatch.setattr(calculate, "of_year_before", lambda *_: {n: one(n) for n in ("a.b", "a.c")})
    toen = socius.load_figures_before(2021, root=example.root)
    assert list(toen["link"]) == ["[5](definities.html#a.b@2020)", "5"]


def test_figures_of_the_sector_stand_beside_those_of_the_same_registration_only(example):
    assert not any(name.startswith("sisca.") for name in calculate.of_year_before(example, 2021))
    assert "sisca.ACT01.som" in calculate.of_year_before(example, 2020)
    assert calculate.of_year_before(example, 2018) == {}


def test_every_figure_has_an_entry_with_its_value_definition_and_source(known, definitions):
    for name, figure in known.items():
        entry = definitions.entries[name]
        of_parts = [known[part].source for part in figure.parts] or [figure.source]
        for said in (figure.label, name, figure.text, figure.definition, *of_parts):
            assert " ".join(said.split()) in entry, (name, said)


def test_an_entry_tells_files_rows_last_year_and_what_was_printed(definitions):
    entry = definitions.entries["aanbod.deelnemers.totaal"]
    file = "odoo/Evenementinschrijving (event.registration).csv"
    assert f"{file} (1.777 rijen, 1.218 geteld, 559 niet)" in entry
    assert "2020 946 n = 946" in entry and "Gedrukt 1.218 gelijk" in entry
    differs = definitions.entries["overleg.beleid.pct"]
    assert "61 %" in differs and "Gedrukt 60 % verschil, verklaard : 103 van de 170" in differs


def test_a_share_leads_to_the_figures_that_it_is_of(known, definitions):
    shares = [figure for figure in known.values() if figure.parts]
    assert len(shares) > 50
    for figure in shares:
        assert {f"#{part}" for part in figure.parts} <= set(definitions.links[figure.id])
        assert set(figure.parts) <= set(known), figure.id


def test_every_table_of_a_figure_has_its_files_and_every_link_on_the_page_leads_somewhere(
    known, definitions
):
    for figure in known.values():
        assert figure.tables
        for table in figure.tables:
            assert f"#tabel-{table}" in definitions.links[figure.id], figure.id
    for link in (link for found in definitions.links.values() for link in found):
        if link.startswith("#"):
            assert link[1:] in definitions.ids, link


def test_rows_in_are_rows_counted_plus_rows_not_counted_in_every_file_of_a_table(example):
    found = origin.origins(example, 2021, ["deelnames", "sisca", "sectorbevraging"])
    for table in found.values():
        files = table.files
        assert len(files)
        assert (files["rijen"] == files["rijen_geteld"] + files["rijen_niet_geteld"]).all()
    left_out = found["deelnames"]
    assert left_out.reasons["rijen"].sum() == left_out.files["rijen_niet_geteld"].sum() == 559
    assert left_out.read_with == ("organisaties", "contacten", "activiteiten", "koppelingen")
    assert list(found["sisca"].per_file["rijen"]) == [20 + 4 * 131]
    assert len(found["sectorbevraging"].files) == 2  # the answers and the list they were sent to


def test_only_rows_that_do_not_count_are_told_with_their_reasons(monkeypatch):
    file = "zakelijk/vte_reeks.csv"
    files = pd.DataFrame([(file, None, 4, 2, 2), ("web/matomo.csv", None, 1, 1, 0)])
    files.columns = ["bestand", "blad", *origin.COUNTS]
    said = [(file, 2, "leeg", "telt niet mee"), (file, 3, "leeg", "telt niet mee")]
    said += [(file, 3, "test", "telt niet mee"), (file, 4, "kijk na", "telt mee, nakijken")]
    said += [(None, 1, "leeg", "telt niet mee")]
    findings = pd.DataFrame(said, columns=["bestand", "rij", "reden", "gevolg"]).assign(blad=None)
    stored = {"bestanden": files, "kwaliteit": findings}
    monkeypatch.setattr(store, "read_partition", lambda ws, table, jaar: stored[table])
    found = origin.origins(Workspace(Path()), 2021, ["vte"])["vte"]
    assert list(found.files["bestand"]) == [file]
    assert found.reasons.to_numpy().tolist() == [[file, "leeg", 2], [file, "test", 1]]


def test_growth_names_the_files_of_both_years(example):
    names = ["sisca", f"sisca{calculate.BEFORE}"]
    now, before = origin.origins(example, 2019, names).values()
    assert list(now.files["bestand"]) == ["sisca/sisca_2019.csv"]
    assert list(before.files["bestand"]) == ["sisca/sisca_2018.csv"]


def test_last_years_value_leads_to_last_years_page_when_it_is_there(
    own_example: Workspace, known, before
):
    name = "aanbod.deelnemers.totaal"
    asked = (
        own_example,
        2021,
        {name: known[name]},
        before,
        pd.DataFrame(columns=reconcile.COLUMNS),
    )
    assert "../2020/" not in pages.definitions_page(*asked)
    page = own_example.reports(2020) / "definities.html"
    store.write_file(page, f'<section id="{name}"></section>')
    assert f"../2020/definities.html#{name}" in pages.definitions_page(*asked)
    store.write_file(page, '<section id="iets.anders"></section>')
    assert "../2020/" not in pages.definitions_page(*asked)


def test_every_number_on_a_card_of_the_index_leads_to_its_definition(
    example, known, before, definitions
):
    page = pages.index_page(
        example,
        2021,
        figures=known,
        before=before,
        unavailable=[],
        reports=[],
        files=store.read_partition(example, "bestanden", 2021),
        reconciled=pd.DataFrame(columns=reconcile.COLUMNS),
        proposals=0,
        missing=[],
        refused=[],
        downloads=[],
    )
    cards = re.findall(r'href="definities\.html#([^"]+)">(?:<span[^>]*>)?([^<]+)<', page)
    of_last_year = [name for name in pages.CARDS if name in before]
    now = [(name, known[name].text) for name in pages.CARDS]
    then = [(links.anchor_before(name, 2020), before[name].text) for name in of_last_year]
    assert len(now) == 12 and sorted(cards) == sorted(now + then)
    assert {anchor for anchor, _ in cards} <= definitions.ids


# The notebooks as they are stored: outputs of 2021.


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def cells(request):
    return [cell for _, cell in code_cells(nbformat.read(request.param, as_version=4))]


def written(text: str) -> tuple[Decimal, int]:
    """A number as it is written, and how many of its digits are decimals."""
    bare = re.sub(r"[€%\s]|vte|uur|mln", "", text)
    hours = re.fullmatch(r"(-?)([\d.]+)u(\d\d)", bare)
    if hours:
        minutes = int(hours[2].replace(".", "")) * 60 + int(hours[3])
        return Decimal(-minutes if hours[1] else minutes), 0
    number = Decimal(bare.replace(".", "").replace(",", "."))
    return number, max(0, -int(number.as_tuple().exponent))


def is_written(text: str, value: float | None) -> bool:
    if value is None:
        return text == "–"
    number, decimals = written(text)
    return round_half_up(value / 1_000_000 if "mln" in text else value, decimals) == number


def test_a_number_is_read_as_it_is_written():
    assert written("1.218") == (1218, 0)
    assert written("€\u00a01.521.063,28") == (Decimal("1521063.28"), 2)
    assert written("419u15") == (25155, 0)
    assert is_written("7,4\u00a0mln", 7_380_875) and not is_written("7,3 mln", 7_380_875)
    assert is_written("80\u00a0%", 80.4) and not is_written("81 %", 80.4)


def test_every_number_that_leads_to_a_figure_is_that_figure(cells, known, before, definitions):
    of_last_year = {links.anchor_before(name, 2020): f.value for name, f in before.items()}
    values = {name: figure.value for name, figure in known.items()} | of_last_year
    for cell in cells:
        for text, anchor in shown_links(cell):
            assert anchor in definitions.ids, (anchor, cell.source)
            assert is_written(text, values[anchor]), (text, anchor, values[anchor])


def test_the_check_of_notebooks_finds_a_figure_that_is_shown_without_its_link():
    start = "cijfers = socius.load_figures(jaar)\nlink, tekst = cijfers['link'], cijfers['tekst']\n"

    def found(code: str) -> int:
        return len(unlinked(ast.parse(start + code)))

    assert found("say(f\"{tekst['a.b']} deelnames\")") == 1
    assert found("zin = 'x'\nif ja:\n    zin += tekst['a.b']\nsay(zin)") == 1
    assert found("kop = tekst['a.b']\nshow_table(t, kop)") == 1
    assert found("say(socius.load_figures(2020)['tekst']['a.b'])") == 1
    assert found("say(f\"{link['a.b']} deelnames\")") == 0
    assert found("kop = tekst['a.b']\nbeeld = show_figure(plot(kop), kop, t)\nsay('klaar')") == 0
    assert found("zin = tekst['a.b']\nzin = 'nieuw'\nsay(zin)") == 0
    assert found("f\"{format_value(waarde['a.b'], 'eur')}\"") == 1
    assert found("socius.cite(format_value(waarde['a.b'], 'eur'), 'a.b')") == 0
