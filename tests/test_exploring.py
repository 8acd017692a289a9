"""Finding one's way: what there is, frames to read, names that complete, a first picture."""

import re
import shutil
import subprocess
import sys

import pandas as pd
import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from jupyter_client.manager import KernelManager
from playwright.sync_api import expect, sync_playwright

import socius_lib as socius
from socius_lib import MissingTable, SociusError, catalogue, store
from socius_lib.exploring import completion, frames
from socius_lib.exploring.inventory import describe_frame
from socius_lib.schema import Column, Table

CHROMIUM = shutil.which("chromium")
PNG = b"\x89PNG"

DEELNAMES = pd.DataFrame(
    {
        "jaar": [2020, 2021, 2021, 2021],
        "thema": ["Digitaal", "Digitaal", "Beleid <b>", None],
        "erkend": pd.array([True, True, False, None], dtype="boolean"),
        "begint_op": pd.to_datetime(["2020-03-05", "2021-11-30", "2021-12-01", None]),
        "persoon_id": ["p1", "p1", "p2", "p3"],
    }
)
MADE = Table(
    "proef",
    "Proef",
    "één proef",
    "werkbank",
    ("jaar",),
    (
        Column("kleur", "Kleur", "Welke kleur.", allowed={"rood": (), "blauw": (), "geel": ()}),
        Column("minuten", "Duur", "Hoe lang.", "number", unit="minuten"),
        Column("op", "Dag", "Welke dag.", "moment"),
        Column("wie", "Wie", "Van wie.", privacy="indirect"),
        Column("leeftijd", "Leeftijd", "Hoe oud.", "whole", privacy="indirect"),
        Column("beroep", "Beroep", "Wat.", allowed={"kok": (), "smid": ()}, privacy="indirect"),
        Column("naam", "Naam", "Hoe hij heet.", privacy="direct"),
        Column("bedrag", "Bedrag", "Hoeveel.", "number", unit="euro", privacy="gevoelig"),
    ),
)
ROWS = pd.DataFrame(
    {
        "kleur": ["rood", "blauw", "rood", None],
        "minuten": [90.0, 1218.5, None, 30.0],
        "op": pd.to_datetime(["2021-03-01", "2021-12-31", None, "2021-03-01"]),
        "wie": ["Zonderling", "Zonderling", "Buitenbeen", None],
        "leeftijd": [87, 23, 41, 41],
        "beroep": ["kok", "kok", "kok", "kok"],
        "naam": ["An Peeters", "Bo Maes", "Ci Claes", "Do Wouters"],
        "bedrag": [12345.0, 1.0, 2.0, 3.0],
    }
)


@pytest.fixture(autouse=True)
def here(example, monkeypatch):
    """The example is the workspace."""
    monkeypatch.setenv("SOCIUS_ROOT", str(example.root))


# What there is


@pytest.mark.parametrize("table", catalogue.TABLES.values(), ids=lambda table: table.name)
def test_every_table_and_column_says_in_words_what_it_is(table):
    assert table.label and table.row
    assert [c.name for c in table.columns if not c.label.strip() or not c.meaning.strip()] == []


def test_tables_tells_what_a_row_is_and_how_many_there_are_per_year(example):
    told = socius.tables().set_index("tabel")
    assert told.loc["deelnames", "een_rij_is"] == catalogue.DEELNAMES.row
    assert told.loc["deelnames", "2021"] == len(store.read_partition(example, "deelnames", 2021))
    assert told.loc["deelnames", "jaren"] == "2020–2021"
    assert pd.isna(told.loc["deelnames", "2018"])
    assert "identiteit" not in told.index


def test_years_that_follow_are_written_as_one():
    from socius_lib.exploring.inventory import write_years

    assert write_years([2021, 2018, 2020]) == "2018, 2020–2021"
    assert write_years([]) == "–"


def test_describe_tells_of_an_open_column_which_values_there_are_and_how_often():
    told = describe_frame(ROWS, MADE).set_index("kolom")
    assert told.loc["kleur", "waarden"] == "rood 2; blauw 1; geel 0"
    assert told.loc["kleur", "leeg"] == 1
    assert told.loc["minuten", ["eenheid", "laagste", "hoogste"]].tolist() == [
        "minuten",
        "30,0",
        "1.218,5",
    ]
    assert told.loc["op", ["laagste", "hoogste"]].tolist() == ["1/3/2021", "31/12/2021"]


def test_describe_shows_no_value_of_a_person_and_none_that_is_confidential():
    told = describe_frame(ROWS, MADE)
    closed = told[told["privacy"] != "open"].set_index("kolom")
    assert closed["verschillend"].to_dict() == {
        "wie": 2,
        "leeftijd": 3,
        "beroep": 1,
        "naam": 4,
        "bedrag": 4,
    }
    assert closed.loc["beroep", "waarden"] == "kan zijn: kok, smid"
    said = told.to_csv()
    for value in ("Zonderling", "Peeters", "87", "23", "12345", "12.345", "kok 4"):
        assert value not in said


@pytest.mark.parametrize("name", [table.name for table in catalogue.TABLES.values()])
def test_describe_of_a_real_table_holds_nothing_of_its_closed_columns(example, name):
    years = store.years_of(example, name)
    if not years:
        with pytest.raises(MissingTable):
            socius.describe(name)
        return
    rows = pd.concat([store.read_partition(example, name, year) for year in years])
    told = socius.describe(name)
    closed = [c for c in catalogue.table(name).stored if c.privacy != "open" and not c.allowed]
    for column in closed:
        found = told.set_index("kolom").loc[column.name, ["waarden", "laagste", "hoogste"]]
        assert found.tolist() == ["niet getoond", "", ""]
    texts = {
        value
        for column in closed
        if column.dtype == "text"
        for value in rows[column.name].dropna()
        if len(value) > 4
    }
    cells = set(told.astype("str").to_numpy().ravel())
    assert not [value for value in texts if value in cells]


def test_describe_of_a_misspelt_table_names_the_nearest():
    with pytest.raises(SociusError, match="Bedoel je 'deelnames'"):
        socius.describe("deelname")


def test_figures_are_found_by_words_in_their_id_label_or_definition():
    found = socius.figures("NPS")
    assert "aanbod.nps" in set(found["id"])
    assert set(socius.figures("promoter Score")["id"]) >= {"aanbod.nps"}
    assert found.iloc[0]["definitie"]


def test_case_and_marks_do_not_matter_and_every_word_must_be_there():
    some = set(socius.figures("landelijk")["id"])
    both = set(socius.figures("LANDÈLIJK bereik")["id"])
    assert both and both < some


def test_an_old_name_of_a_figure_finds_it():
    assert "aanbod.nps" in set(socius.figures("tevredenheid.nps")["id"])


def test_without_a_word_all_figures_are_there_and_with_a_year_their_values():
    assert len(socius.figures()) >= len(socius.figures(jaar=2021)) > 300
    of_year = socius.figures("nps", jaar=2021).set_index("id")
    figure = socius.figure("aanbod.nps", jaar=2021)
    assert of_year.loc["aanbod.nps", "waarde"] == figure.value
    assert of_year.loc["aanbod.nps", "tekst"] == figure.text


def test_a_word_that_no_figure_has_tells_the_nearest():
    with pytest.raises(SociusError, match="Bedoel je 'tevredenheid'"):
        socius.figures("tevredenhied")


def test_words_that_never_stand_together_are_told_apart():
    with pytest.raises(SociusError, match=r"Apart wel: 'nps' \d+, 'grootboek|'nps'"):
        socius.figures("nps uitgaven")


# Frames to read


def test_cells_are_written_the_flemish_way():
    assert frames.write_cells(pd.Series([1218, None], dtype="Int64")) == ["1.218", "–"]
    assert frames.write_cells(pd.Series([88.5, 1218.25])) == ["88,5", "1.218,3"]
    assert frames.write_cells(pd.Series([0.0321, 0.5])) == ["0,032", "0,500"]
    assert frames.write_cells(DEELNAMES["erkend"]) == ["ja", "ja", "nee", "–"]
    assert frames.write_cells(DEELNAMES["begint_op"])[:2] == ["5/3/2020", "30/11/2021"]
    assert frames.write_cells(pd.Series([pd.Timestamp("2021-03-05 09:05")])) == [
        "5/3/2021\u00a09:05"
    ]


def test_a_year_has_no_point():
    assert frames.write_cells(DEELNAMES["jaar"])[0] == "2020"
    assert frames.write_cells(pd.Series([2020], name="deelnames")) == ["2.020"]


def test_a_header_tells_label_meaning_and_unit_when_one_points_at_it():
    activities = socius.load_table("activiteiten", 2021)
    shown = socius.show_frame(activities[["duur_minuten", "naam"]])._repr_html_()
    column = catalogue.ACTIVITEITEN.column("duur_minuten")
    assert f'title="Duurtijd (minuten): {column.meaning}"' in shown
    assert 'title="Naam: Titel van de activiteit."' in shown


def test_a_name_that_means_something_else_in_another_table_is_not_explained():
    other = pd.DataFrame({"waarde": [1], "deelnames": [2], "werkingsgebied": ["landelijk"]})
    assert frames.explain(other, "waarde") == ""
    assert frames.explain(other, "deelnames") == ""
    assert frames.explain(other, "werkingsgebied").startswith("Werkingsgebied: ")


def test_a_long_frame_shows_its_ends_and_says_how_long_it_is():
    long = pd.DataFrame({"getal": range(1218)})
    shown = socius.show_frame(long, "Getallen")
    assert shown.title == "Getallen: 10 van 1.218 rijen, 1 kolom"
    cells = [row[0] for row in shown.rows]
    assert cells == ["0", "1", "2", "3", "4", "…", "1.213", "1.214", "1.215", "1.216", "1.217"]


def test_a_wide_frame_leaves_out_its_middle():
    wide = pd.DataFrame([range(50)])
    with pd.option_context("display.max_columns", 20):
        headers = socius.show_frame(wide).headers
    assert len(headers) == 21 and headers[10] == "…" and headers[-1] == "49"


def test_what_stands_in_a_cell_is_text_and_no_html():
    assert "<b>" not in frames.to_html(DEELNAMES)
    assert "Beleid &lt;b&gt;" in frames.to_html(DEELNAMES)
    assert "<b>" not in socius.browse(DEELNAMES).html.partition('<table id="tabel')[2]


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame(),
        DEELNAMES.head(0),
        DEELNAMES.groupby("thema").size(),
        DEELNAMES.groupby(["jaar", "thema"])["persoon_id"].agg(["size", "nunique"]),
        DEELNAMES.pivot_table(index="jaar", columns=["thema", "erkend"], aggfunc="size"),
        pd.DataFrame([[1, "a"]], columns=["dubbel", "dubbel"]),
        pd.DataFrame(
            {"lijst": [[1, 2]], "oneindig": [float("inf")], "soort": pd.Categorical(["x"])}
        ),
    ],
    ids=["nothing", "no rows", "series", "index", "headers", "double", "odd"],
)
def test_every_frame_can_be_shown(frame):
    before = frame.copy(deep=True)
    assert "<table" in frames.to_html(frame)
    assert "<table" in socius.browse(frame).html
    assert frame.equals(before)


def test_the_index_is_shown_when_it_says_something():
    shown = socius.show_frame(DEELNAMES.groupby("thema").size())
    assert shown.headers == ("thema", "")
    assert shown.rows == (("Beleid <b>", "1"), ("Digitaal", "2"))


def test_a_table_that_was_loaded_stays_a_plain_frame(tmp_path):
    loaded = socius.load_table("deelnames", 2021)
    assert type(loaded) is pd.DataFrame
    assert frames.column_of(loaded[loaded["vorm"] == "online"], "thema").name == "thema"
    both = pd.concat([loaded, socius.load_table("evaluaties", 2021)])
    loaded.to_parquet(tmp_path / "deelnames.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "deelnames.parquet"), loaded)
    assert len(loaded.merge(both.drop_duplicates("activiteit_id"), on="activiteit_id"))


def test_what_is_no_frame_is_refused():
    with pytest.raises(SociusError, match="Geef een tabel"):
        socius.show_frame("deelnames")


# Tables to sort and search


def test_a_table_to_browse_needs_nothing_from_elsewhere_and_says_what_it_leaves_out(monkeypatch):
    monkeypatch.setattr(frames, "MOST_ROWS", 3)
    shown = socius.browse(DEELNAMES, "Deelnames")
    assert repr(shown) == (
        "Deelnames: de eerste 3 van 4 rijen, 5 kolommen; kies zelf rijen voor de andere"
    )
    assert not re.findall(r"<(?:script|link)[^>]+(?:src|href)=", shown.html)
    assert "unpkg" not in shown.html
    assert shown.html == socius.browse(DEELNAMES, "Deelnames").html


@pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed")
def test_numbers_and_days_sort_by_what_they_are_and_search_by_what_one_sees(tmp_path):
    days = ["2021-12-01", "2021-03-05", "2020-11-30", *["2022-01-01"] * 9, None]
    rows = pd.DataFrame(
        {"aantal": [1218, 9, None, 88, *[5000] * 9], "op": pd.to_datetime(days)}
    )  # more than fit on a page: fewer have no box to search in
    page = tmp_path / "tabel.html"
    page.write_text(f"<meta charset='utf-8'>{socius.browse(rows).html}", encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        tab = browser.new_page()
        expect.set_options(timeout=60_000)  # the machine may be busy
        requests = []
        tab.on("request", lambda request: requests.append(request.url))
        tab.goto(page.as_uri())
        cells, heads = tab.locator("table.dataTable tbody tr"), tab.locator("th .dt-column-title")
        expect(cells).to_have_count(10)
        heads.nth(0).click()
        expect(cells.nth(0).locator("td").nth(0)).to_have_text("–")
        numbers = [row.locator("td").nth(0).inner_text() for row in cells.all()[:5]]
        assert numbers == ["–", "9", "88", "1.218", "5.000"]
        heads.nth(1).click()
        expect(cells.nth(3).locator("td").nth(1)).to_have_text("1/12/2021")
        sorted_days = [row.locator("td").nth(1).inner_text() for row in cells.all()[:4]]
        assert sorted_days == ["–", "30/11/2020", "5/3/2021", "1/12/2021"]
        tab.get_by_label("Zoek:").fill("1.218")
        expect(cells).to_have_count(1)
        expect(cells.locator("td").nth(0)).to_have_text("1.218")
        expect(tab.locator(".dt-info")).to_have_text("1 tot 1 van 1 rijen (gezocht in 13)")
        browser.close()
    assert [url for url in requests if not url.startswith(("file:", "blob:", "data:"))] == []


# Names that complete


@pytest.fixture
def shell():
    made = InteractiveShell()
    made.extension_manager.load_extension("socius_lib.exploring")
    yield made
    made.extension_manager.unload_extension("socius_lib.exploring")


def completed(shell, text: str) -> list[str]:
    with provisionalcompleter():
        return [found.text for found in shell.Completer.completions(text, len(text))]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ('socius.load_table("deel', "deelnames"),
        ("import socius_lib as socius\nsocius.load_table('pers", "personen"),
        ('rijen = load_table(name="eval', "evaluaties"),
        ('socius.describe(\n    "sectorb', "sectorbevraging"),
        ('socius.figure("aanbod.np', "aanbod.nps"),
        ('socius.figure("nps.la', "aanbod.nps.laag"),
    ],
)
def test_names_of_tables_and_figures_complete_inside_the_call(shell, typed, first):
    found = completed(shell, typed)
    assert first in found


def test_an_empty_name_offers_every_table_that_a_researcher_works_with(shell):
    assert completed(shell, 'socius.load_table("') == [t.name for t in catalogue.for_researchers()]


def test_columns_of_a_frame_complete_where_one_draws_it(shell):
    shell.user_ns["deelnames"] = DEELNAMES
    assert completed(shell, 'socius.plot(deelnames, "th') == ["thema"]
    assert completed(shell, 'socius.plot(deelnames, "thema", "erk') == ["erkend"]
    assert completed(shell, 'socius.count_reach(deelnames, by=["jaar", "th') == ["thema"]


@pytest.mark.parametrize(
    "typed", ['open("deel', 'x = "deel', 'socius.load_table("deelnames")["deel']
)
def test_elsewhere_nothing_of_ours_is_offered(typed):
    assert completion.names_for(typed, {}) is None


def test_figures_complete_to_nothing_where_no_workspace_is(monkeypatch, tmp_path):
    monkeypatch.delenv("SOCIUS_ROOT")
    monkeypatch.chdir(tmp_path)
    assert completion.names_for('socius.figure("', {}) == ("", "kengetal", [])


def test_the_extension_shows_frames_and_leaves_no_trace(shell):
    shown, _ = shell.display_formatter.format(DEELNAMES)
    assert "4 rijen, 5 kolommen" in shown["text/html"]
    assert shown["text/plain"] == repr(DEELNAMES)
    shell.extension_manager.unload_extension("socius_lib.exploring")
    shown, _ = shell.display_formatter.format(DEELNAMES)
    assert shown["text/html"] == DEELNAMES._repr_html_()
    assert not shell.Completer.custom_matchers


def test_a_kernel_that_starts_with_the_extension_completes_names():
    started = KernelManager()
    started.start_kernel(extra_arguments=["--ext=socius_lib.exploring"])
    client = started.client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=60)
        answer = client.complete('socius.load_table("deel', reply=True, timeout=60)["content"]
        assert answer["matches"] == ["deelnames"]
        assert (answer["cursor_start"], answer["cursor_end"]) == (19, 23)
    finally:
        client.stop_channels()
        started.shutdown_kernel(now=True)


def test_importing_the_library_registers_nothing_and_loads_nothing_slow():
    code = (
        "import sys, socius_lib; print([m for m in ('IPython', 'itables', 'matplotlib', 'seaborn')"
        " if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


# A first picture


def drawn(figure) -> list[tuple[str, ...]]:
    assert figure.png.startswith(PNG) and figure.alt
    return list(figure.data.rows)


def test_a_text_is_counted_most_first_and_what_is_missing_is_drawn_too():
    figure = socius.plot(DEELNAMES, "thema")
    assert drawn(figure) == [("Digitaal", "2"), ("Beleid <b>", "1"), ("(leeg)", "1")]
    assert figure.alt == (
        "Rijen per thema: het meest Digitaal, 2 van 4. Het hoogst: Digitaal (2), het laagst: Beleid <b> (1)."
    )


def test_years_become_a_line_and_one_year_is_refused():
    assert drawn(socius.plot(DEELNAMES, "jaar")) == [("2020", "1"), ("2021", "3")]
    with pytest.raises(SociusError, match="Alles is van 2021"):
        socius.plot(DEELNAMES[DEELNAMES["jaar"] == 2021], "jaar")


def test_a_number_is_drawn_as_its_mean_with_n_and_yes_or_no_as_a_percentage():
    rows = pd.DataFrame(
        {
            "vorm": ["online", "online", "offline", "offline"],
            "score": [8.0, 9.0, 5.0, None],
            "kwam": [True, False, True, True],
        }
    )
    assert drawn(socius.plot(rows, "vorm", "score")) == [
        ("online", "8,50", "2"),
        ("offline", "5,00", "1"),
    ]
    assert "1 rij zonder score" in socius.plot(rows, "vorm", "score").alt
    percent = drawn(socius.plot(rows, "vorm", "kwam"))
    assert percent == [("offline", "100,0\u00a0%", "2"), ("online", "50,0\u00a0%", "2")]


def test_a_table_with_one_row_per_category_is_drawn_as_it_is():
    rows = pd.DataFrame({"vorm": ["online", "offline"], "deelnames": [966, 188]})
    assert drawn(socius.plot(rows, "vorm", "deelnames")) == [("online", "966"), ("offline", "188")]


def test_what_was_grouped_is_drawn_by_the_names_of_its_index():
    grouped = DEELNAMES.groupby("thema").agg(personen=("persoon_id", "nunique"))
    assert drawn(socius.plot(grouped, "thema", "personen"))[0] == ("Beleid <b>", "1")


def test_the_alt_text_tells_what_is_highest_and_lowest_and_how_a_line_goes():
    rows = pd.DataFrame({"vorm": ["online", "offline"], "deelnames": [966, 188]})
    alt = socius.plot(rows, "vorm", "deelnames").alt
    assert alt == "Deelnames per vorm. Het hoogst: online (966), het laagst: offline (188)."
    assert socius.plot(DEELNAMES, "jaar").alt == "Rijen per jaar. Van 2020 (1) naar 2021 (3)."


def test_a_column_that_occurs_twice_is_refused_and_what_is_endless_is_no_number():
    with pytest.raises(SociusError, match="meer dan eens"):
        socius.plot(pd.DataFrame([[1, 2]], columns=["a", "a"]), "a")
    rows = pd.DataFrame({"duur": [0.5, float("inf"), 2.5]})
    assert drawn(socius.plot(rows, "duur"))[-1] == ("(leeg)", "1")


def test_two_texts_are_parts_and_too_many_parts_are_refused():
    rows = pd.DataFrame({"vorm": list("aabb"), "soort": list("xyyy"), "code": list("1234")})
    assert drawn(socius.plot(rows, "vorm", "soort")) == [("a", "1", "1"), ("b", "2", "0")]
    many = pd.DataFrame({"vorm": list("aabbcc"), "code": list("uvwxyz")})
    with pytest.raises(SociusError, match="6 waarden: meer dan 5"):
        socius.plot(many, "vorm", "code")


def test_of_many_categories_the_others_are_taken_together_and_it_says_so():
    rows = pd.DataFrame({"gemeente": [f"G{i:02}" for i in range(40) for _ in range(40 - i)]})
    figure = socius.plot(rows, "gemeente")
    assert len(drawn(figure)) == 16
    assert drawn(figure)[-1] == ("andere (25)", str(sum(range(1, 26))))
    assert "De 15 grootste van 40" in figure.alt


def test_days_are_counted_by_month_also_a_month_without():
    rows = pd.DataFrame({"op": pd.to_datetime(["2021-01-31", "2021-01-02", "2021-03-01"])})
    assert drawn(socius.plot(rows, "op")) == [
        ("jan 2021", "2"),
        ("feb 2021", "0"),
        ("mrt 2021", "1"),
    ]


def test_many_numbers_are_counted_between_round_ones_and_none_is_lost():
    rows = pd.DataFrame({"duur": [float(n) for n in range(101)]})
    bars = drawn(socius.plot(rows, "duur"))
    assert bars[0] == ("0 tot 10", "10") and bars[-1] == ("100 tot 110", "1")
    assert sum(int(count) for _, count in bars) == 101


def test_a_column_that_points_persons_out_is_not_drawn():
    for name in ("persoon_id", "inschrijving_id"):
        with pytest.raises(SociusError, match="wijst personen aan") as refused:
            socius.plot(socius.load_table("deelnames", 2021), name)
        assert "p1" not in str(refused.value)
    with pytest.raises(SociusError, match="wijst personen aan"):
        socius.plot(pd.DataFrame({"email": ["an@voorbeeld.be"]}), "email")


def test_small_groups_of_what_may_identify_a_person_are_not_drawn_and_it_says_so():
    rows = pd.DataFrame({"beroep": ["directeur"] * 5 + ["administratief/logistiek"] * 4})
    figure = socius.plot(rows, "beroep")
    assert drawn(figure) == [("directeur", "5")]
    assert "1 groep van minder dan 5 rijen niet getekend" in figure.alt


def test_rows_that_do_not_count_are_mentioned():
    rows = pd.DataFrame({"vorm": ["online", "offline"], "telt_mee": [True, False]})
    assert "1 rij telt niet mee in de kengetallen" in socius.plot(rows, "vorm").alt


def test_a_line_stops_where_the_sector_s_registration_changed():
    rows = pd.DataFrame(
        {
            "jaar": [2019, 2020, 2021],
            "registratie": ["SISCA 1.0", "SISCA 1.0", "SISCA 2.0"],
            "leden": [10.0, 20.0, 30.0],
        }
    )
    assert "SISCA 1.0 werd SISCA 2.0" in socius.plot(rows, "jaar", "leden").alt


def test_a_misspelt_column_names_the_nearest_and_an_empty_one_is_refused():
    with pytest.raises(SociusError, match="Bedoel je 'thema'"):
        socius.plot(DEELNAMES, "tema")
    with pytest.raises(SociusError, match="geen enkele waarde"):
        socius.plot(DEELNAMES.assign(thema=None), "thema")
