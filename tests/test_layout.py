"""What every page gets: contents, complete tables, room for what is wide, and a decision for paper."""

import pytest
from bs4 import BeautifulSoup

from socius_lib.layout import lay_out
from socius_lib.pages import _css_string


def laid_out(body: str, language: str = "nl") -> BeautifulSoup:
    page = f'<!DOCTYPE html>\n<html lang="{language}"><body><main>{body}</main></body></html>'
    return BeautifulSoup(lay_out(page), "html.parser")


def table(*rows: str, header: str = "", caption: str = "") -> str:
    cells = ("".join(f"<td>{cell}</td>" for cell in row.split("|")) for row in rows)
    head = "".join(f"<th>{name}</th>" for name in header.split("|"))
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    title = f"<caption>{caption}</caption>" if caption else ""
    return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


SECTIONS = "<h1>Titel</h1><p>Vraag</p><h2>Een</h2><h2>Twee</h2><h3>Onder</h3><h2>Drie</h2>"


def test_the_contents_name_each_part_before_the_first():
    page = laid_out(SECTIONS)
    links = [(link["href"], link.get_text()) for link in page.nav("a")]
    assert links == [("#Een", "Een"), ("#Twee", "Twee"), ("#Drie", "Drie")]
    assert all(page.find("h2", id=href[1:]) for href, _ in links)
    assert page.nav.find_previous_sibling().get_text() == "Vraag"
    assert page.nav.find_next_sibling().get_text() == "Een"


def test_the_contents_of_a_notebook_stand_before_the_cell_of_the_first_part():
    cells = "".join(f'<div class="cell"><h2>Deel {n}</h2></div>' for n in range(3))
    page = laid_out(cells)
    assert page.nav.parent.name == "main"
    assert page.nav.find_next_sibling().get_text() == "Deel 0"


@pytest.mark.parametrize(
    "body",
    ["<h2>Een</h2><h2>Twee</h2>", '<ul class="inhoud"></ul><h2>a</h2><h2>b</h2><h2>c</h2>'],
    ids=["two parts", "contents of its own"],
)
def test_a_short_page_or_one_with_contents_gets_none(body):
    assert laid_out(body).nav is None


def test_two_headings_of_one_name_have_each_their_id_and_no_link_to_themselves():
    twice = '<h2 id="Jaren">Jaren<a class="anchor-link" href="#Jaren">¶</a></h2>' * 2
    page = laid_out(f'<p id="Jaren-2"></p>{twice}')
    assert [heading["id"] for heading in page("h2")] == ["Jaren", "Jaren-3"]
    assert [heading.get_text() for heading in page("h2")] == ["Jaren", "Jaren"]


def test_a_table_scrolls_in_a_region_that_has_its_name_and_the_keyboard():
    page = laid_out(table("1|2", header="a|b", caption="Uren per vorm"))
    region = page.find("table").parent
    assert region["aria-label"] == "Uren per vorm"
    assert (region["role"], region["tabindex"]) == ("group", "0")


@pytest.mark.parametrize(("language", "name"), [("nl", "Tabel bij Uren"), ("en", "Table of Uren")])
def test_a_table_without_a_caption_is_named_after_the_heading_above(language, name):
    page = laid_out(f"<h2>Uren</h2><p>Tekst</p>{table('1|2', header='a|b')}", language)
    assert page.find("table").parent["aria-label"] == name


def test_header_cells_say_what_they_head_and_an_empty_one_is_none():
    page = laid_out(
        "<table><thead><tr><th></th><th>uren</th></tr></thead>"
        "<tbody><tr><th>online</th><td>3</td></tr></tbody></table>"
    )
    assert [(cell.get_text(), cell["scope"]) for cell in page("th")] == [
        ("uren", "col"),
        ("online", "row"),
    ]
    assert page.find("thead").find("td").get_text() == ""


WIDE = table("|".join(["woordvantwintigtekens"] * 5), header="a|b|c|d|e")
"""Five columns of 21 characters and 2 between them: 115, more than the 95 of an upright sheet."""


def test_a_table_that_does_not_fit_upright_takes_its_heading_to_a_turned_sheet():
    page = laid_out(f"<p>Ervoor</p><h2>Kop</h2><p>Uitleg</p>{WIDE}<p>Erna</p>")
    assert [tag.name for tag in page(class_="breed")] == ["h2", "p", "div"]
    assert page.find(class_="breed").get_text() == "Kop"
    assert not page.find(class_="breekt")


def test_a_table_that_fits_stays_upright_for_lines_break_between_words():
    page = laid_out(table("|".join(["woord " * 12] * 5), header="a|b|c|d|e"))
    assert page.find(class_="breed") is None


def test_numbers_do_not_break_so_they_count_whole():
    cells = '<td class="getal">€ 1 234 567,89 per jaar</td>' * 5
    page = laid_out(f"<table><tbody><tr>{cells}</tr></tbody></table>")
    assert page.find("table").parent["class"] == ["tabel", "breed"]


def test_the_heading_stays_where_a_figure_is_between():
    page = laid_out(f'<h2>Kop</h2><img alt="een figuur" src="data:,">{WIDE}')
    assert [tag.name for tag in page(class_="breed")] == ["div"]


def test_words_break_only_where_even_a_turned_sheet_is_too_narrow():
    row = "|".join(["woordvantwintigtekens"] * 7)
    page = laid_out(table(row, header="a|b|c|d|e|f|g"))
    assert page.find("table").parent["class"] == ["tabel", "breed", "breekt"]


def data(inside: str) -> BeautifulSoup:
    details = f'<details class="gegevens"><summary>Gegevens</summary>{inside}</details>'
    return laid_out(details).find("details")


def test_the_data_of_a_figure_are_printed_up_to_fifteen_rows():
    few, many = (data(table(*["a|1"] * rows, header="naam|n")) for rows in (15, 16))
    assert few["class"] == ["gegevens", "kort"]
    assert many["class"] == ["gegevens"]
    assert not few.find(class_="papier")
    assert many.summary.get_text() == "Gegevens (16 rijen, op de webpagina)"


def test_the_data_of_a_figure_that_do_not_fit_upright_are_not_printed():
    wide = data(WIDE)
    assert wide["class"] == ["gegevens"] and not wide.find(class_="breed")


def test_a_picture_that_nobody_described_says_so_in_the_language_of_the_page():
    page = laid_out('<img alt="No description has been provided for this image" src="data:,">')
    assert page.img["alt"] == "Figuur zonder beschrijving"


def test_no_title_can_end_the_string_of_the_style_sheet_that_it_stands_in():
    assert _css_string('a"; } </style> é 1') == '"a\\22 \\3b  \\7d  \\3c \\2f style\\3e  é 1"'
