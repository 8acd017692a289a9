"""The notebooks as they are stored: run, with outputs, and nothing in them that belongs elsewhere.

That the stored outputs are those of today is compared by nbval, which `make test` runs after this.
"""

from pathlib import Path

import nbformat
import pytest

from socius_lib import checklist

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_lacks_nothing(path):
    assert checklist.missing(nbformat.read(path, as_version=4)) == []


def small(**changes) -> nbformat.NotebookNode:
    """A notebook that lacks nothing, or what is put in the place of one of its cells."""
    cells = {
        "title": "# Proef\n\n**Vraag.** Werkt het?",
        "parameters": 'jaar = 2021  # het werkjaar\nbron = "voorbeeld"  # de gegevens',
        "imports": "import socius_lib as socius",
        "answer": 'say(f"**Antwoord.** Er waren {link} deelnames.")',
        "figure": "show_figure(assen, alt, tabel)",
        "limits": "## Wat dit niet toont\n\n- Niet alles.",
        **changes,
    }
    made = nbformat.v4.new_notebook()
    for name, source in cells.items():
        is_text = source.startswith(("#", "-"))
        cell = (nbformat.v4.new_markdown_cell if is_text else nbformat.v4.new_code_cell)(source)
        cell.metadata["tags"] = ["parameters"] if name == "parameters" else []
        made.cells.append(cell)
    for at, (_, cell) in enumerate(checklist.code_cells(made), start=1):
        cell.execution_count = at
        if cell.source.startswith("say("):
            cell.outputs = [
                output({"text/markdown": "**Antwoord.** Er waren [3](definities.html#a.b)."})
            ]
        if cell.source.startswith("show_figure("):
            cell.outputs = [picture("Deelnames per vorm: de meeste waren online.")]
    return made


def output(data: dict[str, str], **metadata) -> nbformat.NotebookNode:
    return nbformat.v4.new_output("execute_result", data, metadata=metadata)


def picture(alt: str, text: str = "Figuur: Deelnames\nTabel\nvorm | n") -> nbformat.NotebookNode:
    return output({"image/png": "iVBO", "text/plain": text}, **{"image/png": {"alt": alt}})


def lacking(made: nbformat.NotebookNode) -> str:
    return "\n".join(checklist.missing(made))


def test_a_notebook_with_everything_lacks_nothing():
    assert checklist.missing(small()) == []
    assert checklist.to_consider(small()) == []


@pytest.mark.parametrize(
    ("cell", "source", "told"),
    [
        ("title", "## Proef\n\n**Vraag.** Werkt het?", "geen titel"),
        ("title", "# Proef", "De vraag ontbreekt"),
        ("parameters", 'bron = "voorbeeld"  # de gegevens', "De parameter `jaar` ontbreekt"),
        ("parameters", 'jaar = 2021\nbron = "voorbeeld"  # x', "`jaar` zegt niet wat hij is"),
        ("parameters", 'jaar = 2021  # x\nbron = "kantoor"  # x', "`bron` is in een jaarrapport"),
        ("answer", 'say("Er waren er drie.")', "Het antwoord ontbreekt"),
        ("answer", 'say("**Antwoord.** [vul aan: een zin]")', "Nog in te vullen: [vul aan: een zin]"),
        ("limits", "## Besluit", "Het laatste deel ontbreekt"),
        ("limits", "## Wat dit niet toont\n\n- De 40 andere.", "Een getal is getypt: 40"),
        ("imports", "def tel(x):\n    return x", "Cel [2] maakt een functie"),
        ("imports", "class Tel:\n    pass", "Cel [2] maakt een functie of een klasse"),
        ("imports", 'rijen = socius.load_table("identiteit")', "wie achter een pseudoniem zit"),
        ("figure", "import pandas as pd\n\nx = 1", "(`import`) in Cel [2], Cel [4]"),
        ("figure", "x = show_figure(assen)\nx", "Cel [4] heeft geen uitvoer"),
        ("imports", 'cijfers = load_figures(jaar)\nx = say(cijfers["tekst"]["a"])', "naar zijn definitie"),
    ],
)  # fmt: skip
def test_what_is_missing_is_told(cell, source, told):
    assert told in lacking(small(**{cell: source}))


def test_a_figure_says_what_it_shows_and_what_it_draws_without_links():
    made = small()
    cell = made.cells[4]
    for wrong, told in (
        (picture(""), "zonder tekst voor wie ze niet ziet"),
        (picture("Deelnames per vorm: de meeste waren online.", "<Figure>"), "zonder de tabel"),
        (
            picture("Deelnames per vorm: [3](definities.html#a.b) waren online."),
            "een link in de tekst",
        ),
    ):
        cell.outputs = [wrong]
        assert told in lacking(made)


def test_what_differs_on_every_run_is_not_stored():
    made = small()
    for shown in ("12:30:59", "/home/an/werk", "<object at 0x7f3a5b2c>"):
        made.cells[3].outputs = [output({"text/plain": shown})]
        assert "Cel [3] toont een uur, een pad of een adres" in lacking(made)


def test_a_frame_is_shown_with_its_title():
    made = small()
    made.cells[3].outputs = [output({"text/html": '<table class="dataframe"></table>'})]
    assert "Cel [3] toont een tabel zonder titel" in lacking(made)


def test_a_notebook_that_was_not_run_in_order_or_failed_says_so():
    made = small()
    made.cells[2].execution_count = 7
    made.cells[4].outputs = [nbformat.v4.new_output("error", ename="KeyError", evalue="x")]
    assert "Cel [2] is niet in volgorde" in lacking(made) and "Cel [4] mislukte" in lacking(made)


def test_figures_that_are_loaded_lead_to_their_definition():
    made = small(imports="cijfers = load_figures(jaar)")
    assert checklist.missing(made) == []
    made.cells[3].outputs = [output({"text/markdown": "**Antwoord.** Er waren 3."})]
    assert "Geen enkel kengetal leidt naar zijn definitie" in lacking(made)


def test_a_number_of_the_answer_without_definition_and_a_long_cell_are_for_a_person_to_look_at():
    made = small(figure="\n".join(["x = 1"] * 15))
    made.cells[3].outputs = [output({"text/markdown": "**Antwoord.** Er waren 1.218 in 2021."})]
    assert checklist.to_consider(made) == [
        "Onder de 15 lijnen is een cel in één keer te lezen: Cel [4].",
        "Het antwoord noemt 1.218 zonder definitie. Is het een kengetal, beschrijf het dan in "
        "`socius_lib/kengetallen.py` en toon zijn `link` (zie `load_figures`).",
    ]
