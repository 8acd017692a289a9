"""What changed: rows, figures and why they moved, between two runs and between two years."""

import html.parser
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import exports
import pandas as pd
import pytest

from socius_lib import calculate, catalogue, changes, kengetallen
from socius_lib.calculate import Figure
from socius_lib.changes import Changes, beside_year_before, changes_table, compare
from socius_lib.format import format_difference
from socius_lib.kengetallen import select
from socius_lib.marks import RowChange, compare_rows, mark_rows
from socius_lib.memory import NONE_BEFORE, UNREADABLE, beside_previous, remember
from socius_lib.process import ensure_processed
from socius_lib.run import run_year
from socius_lib.snapshot import Snapshot, is_guarded, take_snapshot
from socius_lib.sourcecode import code_hash
from socius_lib.workspace import Workspace

# Rows: what came, went and was corrected.


def frame(name: str, columns: str, *rows: tuple) -> pd.DataFrame:
    """A table with only the columns that matter."""
    of_table = [column.name for column in catalogue.table(name).stored]
    return pd.DataFrame(rows, columns=columns.split(", ")).reindex(columns=of_table)


def counts(name: str, before: pd.DataFrame, now: pd.DataFrame) -> tuple[int, int, int]:
    """Rows added, removed and corrected."""
    of = catalogue.table(name)
    change = compare_rows(name, mark_rows(before, of), mark_rows(now, of))
    assert (change.before, change.now) == (len(mark_rows(before, of)), len(mark_rows(now, of)))
    return change.added, change.removed, change.corrected


def activities(*rows: tuple) -> pd.DataFrame:
    return frame("activiteiten", "activiteit_id, vorm, duur_minuten, bestand, rij", *rows)


def test_rows_that_came_went_and_were_corrected_are_counted_apart():
    before = activities(
        ("e1", "online", 60.0, "f", 2), ("e2", "online", 90.0, "f", 3), ("e3", "offline", 30.0, "f", 4)
    )  # fmt: skip
    now = activities(
        ("e1", "online", 60.0, "f", 2), ("e4", "online", 60.0, "f", 3),
        ("e5", "online", 60.0, "f", 4), ("e2", "online", 95.0, "f", 5),
    )  # fmt: skip
    assert counts("activiteiten", before, now) == (2, 1, 1)
    assert counts("activiteiten", before, before) == (0, 0, 0)


def test_an_export_under_another_name_or_in_another_order_changes_no_row():
    before = activities(("e1", "online", 60.0, "f", 2), ("e2", "online", 90.0, "f", 3))
    now = activities(("e2", "online", 90.0, "f (1)", 2), ("e1", "online", 60.0, "f (1)", 3))
    assert counts("activiteiten", before, now) == (0, 0, 0)


def test_a_cell_that_was_filled_in_is_a_correction():
    before = activities(("e1", None, 60.0, "f", 2))
    assert counts("activiteiten", before, activities(("e1", "online", 60.0, "f", 2))) == (0, 0, 1)


def test_the_same_row_twice_is_two_rows():
    once = activities(("e1", "online", 60.0, "f", 2))
    twice = activities(("e1", "online", 60.0, "f", 2), ("e1", "online", 60.0, "f", 3))
    assert counts("activiteiten", once, twice) == (1, 0, 0)


def meetings(*cells: tuple[str, float]) -> pd.DataFrame:
    rows = [(actor, minutes, "f", at) for at, (actor, minutes) in enumerate(cells, start=4)]
    return frame("overleg", "actor, duur_minuten, bestand, rij", *rows)


def test_a_row_put_in_between_moves_the_rows_of_a_log_without_changing_them():
    before = meetings(("A", 30.0), ("B", 60.0), ("A", 30.0))
    now = meetings(("A", 30.0), ("C", 45.0), ("B", 60.0), ("A", 30.0))
    assert counts("overleg", before, now) == (1, 0, 0)
    assert counts("overleg", now, before) == (0, 1, 0)


def test_a_corrected_row_of_a_log_is_known_by_its_place():
    before = meetings(("A", 30.0), ("B", 60.0), ("A", 30.0))
    assert counts("overleg", before, meetings(("A", 30.0), ("B", 60.0), ("A", 45.0))) == (0, 0, 1)


def participations(*persons: str) -> pd.DataFrame:
    rows = [(f"i{at}", "e1", person) for at, person in enumerate(persons)]
    return frame("deelnames", "inschrijving_id, activiteit_id, persoon_id", *rows)


def test_other_pseudonyms_for_the_same_persons_change_no_row():
    before = participations("p1", "p1", "p2", "p3")
    assert counts("deelnames", before, participations("q7", "q7", "p3", "p2")) == (0, 0, 0)


@pytest.mark.parametrize(
    ("now", "corrected"),
    [
        (("p1", "p1", "p1", "p3"), 1),  # two persons turned out to be one
        (("p1", "p9", "p2", "p3"), 1),  # one turned out to be two
        (("q1", "q9", "q2", "q3"), 1),  # the same in a workspace made anew
        (("p1", "p2", "p2", "p3"), 1),  # a registration is of somebody else
    ],
)
def test_a_row_that_is_of_another_person_is_a_correction(now, corrected):
    before = participations("p1", "p1", "p2", "p3")
    assert counts("deelnames", before, participations(*now)) == (0, 0, corrected)


def test_registrations_that_turn_out_to_be_of_somebody_else_are_corrections():
    before, now = participations("p1", "p1", "p1", "p2"), participations("p2", "p2", "p1", "p2")
    assert counts("deelnames", before, now) == (0, 0, 2)


def subscribers(*lists: str) -> pd.DataFrame:
    rows = [
        (number, name, "f", number + 1)
        for number, of_one in enumerate(lists, start=1)
        for name in of_one.split(", ")
    ]
    return frame("abonnees", "abonnee, lijst, bestand, rij", *rows)


def test_a_subscriber_is_one_row_however_many_lists():
    before = subscribers("E-zine, Beleid", "E-zine")
    assert counts("abonnees", before, subscribers("E-zine, Beleid", "E-zine, Bestuur")) == (0, 0, 1)
    assert counts("abonnees", before, subscribers("(geen)", "E-zine, Beleid", "E-zine")) == (
        1,
        0,
        0,
    )


def test_two_subscribers_who_changed_places_on_a_list_are_two_corrections():
    before = subscribers("E-zine, Beleid", "(geen)", "E-zine")
    now = subscribers("Beleid", "E-zine", "E-zine")
    assert counts("abonnees", before, now) == (0, 0, 2)


# Two runs: which figures moved, and why.


def figure(name: str = "a.b", value: float | None = 10.0, **others) -> Figure:
    said = Figure(name, 2021, value, "count", 3, "Iets", "Wat het is.", "bron", 0, ("deelnames",))
    return replace(said, **others)


ROWS = {
    "deelnames": [("i1", "x", "p1"), ("i2", "x", "p2")],
    "sisca": [("s1", "x", "")],
}
REGISTRATIONS = "2021/odoo/Evenementinschrijving (event.registration).csv"
SISCA = "2021/sisca/sisca_2021.csv"
BEFORE = Snapshot(
    made_on="2022-03-01",
    exports={REGISTRATIONS: "r", SISCA: "s"},
    made_by={"inlezen": "1", "instellingen": "1", "pakketten": "1"},
    code={"_eerste": "c", "_tweede": "d"},
    figures={"a.b": figure(), "c.d": figure("c.d", tables=("sisca",))},
    families={"a.b": "_eerste", "c.d": "_tweede"},
    guarded=[],
    rows=ROWS,
)
MORE_ROWS = {"rows": {**ROWS, "deelnames": [*ROWS["deelnames"], ("i3", "x", "p3")]}}
OTHER_EXPORT = {"exports": {**BEFORE.exports, REGISTRATIONS: "r2"}}
OTHER_CODE = {"code": {**BEFORE.code, "_eerste": "c2"}}


def after(moved: Figure | None = None, **others) -> Snapshot:
    """The run after `BEFORE`: the figure a.b is 12, unless said otherwise."""
    now = {**BEFORE.figures, "a.b": moved or figure(value=12.0)}
    return replace(BEFORE, **{"made_on": "2022-03-05", "figures": now, **others})


def made_by(what: str) -> dict:
    return {"made_by": {**BEFORE.made_by, what: "2"}}


@pytest.mark.parametrize(
    ("now", "cause"),
    [
        (after(**MORE_ROWS, **OTHER_EXPORT), "gegevens"),
        (after(**OTHER_CODE), "code"),
        (after(figure(value=12.0, definition="Wat het nu is."), **OTHER_CODE), "definitie"),
        (after(figure(value=12.0, source="bron waar x = ja"), **OTHER_CODE), "definitie"),
        (after(figure(value=12.0, definition="X."), **made_by("inlezen")), "definitie"),
        (after(figure(value=12.0, definition="X."), **made_by("instellingen")), "definitie"),
        (after(**MORE_ROWS, **OTHER_EXPORT, **OTHER_CODE), "gegevens én code"),
        (after(**MORE_ROWS, **made_by("inlezen")), "code"),
        (after(**MORE_ROWS, **OTHER_EXPORT, **made_by("inlezen")), "gegevens én code"),
        (after(**MORE_ROWS, **made_by("instellingen")), "instellingen"),
        (after(**made_by("pakketten")), "pakketten"),
        (after(**MORE_ROWS, **OTHER_EXPORT, **OTHER_CODE, **made_by("pakketten")),
         "gegevens, code én pakketten"),
        (after(), "niet te zeggen"),
        # Exports, code and settings that have nothing to do with the figure are no cause of it.
        (after(**MORE_ROWS, **made_by("inlezen"), exports={**BEFORE.exports, SISCA: "s2"}), "code"),
        (after(**OTHER_EXPORT, **OTHER_CODE, **made_by("inlezen")), "code"),
        (after(**MORE_ROWS, **OTHER_EXPORT, code={**BEFORE.code, "_tweede": "d2"}), "gegevens"),
        (after(rows={**ROWS, "sisca": []}, exports={REGISTRATIONS: "r"}, **OTHER_CODE), "code"),
    ],
)  # fmt: skip
def test_the_cause_is_all_that_changed_of_what_a_figure_is_made_of(now, cause):
    (pair,) = compare(BEFORE, now).figures
    assert (pair.figure.id, pair.what, pair.difference) == ("a.b", "verschoven", 2.0)
    assert pair.cause == cause


def test_exports_of_a_table_that_another_is_read_with_are_a_cause():
    organisations = {**BEFORE.exports, "2021/odoo/Contact (res.partner).xlsx": "o"}
    (pair,) = compare(BEFORE, after(**MORE_ROWS, exports=organisations)).figures
    assert pair.cause == "gegevens"


def test_the_rows_that_changed_are_told_with_the_figure():
    found = compare(BEFORE, after(**MORE_ROWS, **OTHER_EXPORT))
    assert found.figures[0].detail == "rijen in deelnames: 1 toegevoegd"
    assert found.rows == (RowChange("deelnames", 2, 3, 1, 0, 0),)
    assert found.exports == ((REGISTRATIONS, "gewijzigd"),)
    assert (found.since, found.seen) == ("2022-03-01", "2022-03-05")


def test_a_figure_with_the_same_value_is_not_told_whatever_changed():
    now = after(figure(), **MORE_ROWS, **OTHER_EXPORT, **OTHER_CODE)
    assert compare(BEFORE, now).figures == ()
    by_order_of_adding_up = after(figure(value=10.0 + 1e-12), **OTHER_EXPORT)
    assert compare(BEFORE, by_order_of_adding_up).figures == ()


def test_another_definition_is_told_with_the_former_one_though_the_value_is_the_same():
    now = after(figure(definition="Anders gezegd."), **OTHER_CODE)
    (pair,) = compare(BEFORE, now).figures
    assert (pair.what, pair.cause) == ("gelijk", "definitie")
    assert pair.detail == "definitie was: Wat het is. bron"


def test_a_value_that_came_or_went_is_a_move():
    (pair,) = compare(BEFORE, after(figure(value=None), **OTHER_CODE)).figures
    assert (pair.what, pair.difference) == ("verschoven", None)


def test_new_figures_and_those_that_are_gone_have_their_cause():
    new = figure("a.nieuw")
    now = replace(
        BEFORE,
        figures={"c.d": BEFORE.figures["c.d"], "a.nieuw": new},
        families={"c.d": "_tweede", "a.nieuw": "_eerste"},
        **MORE_ROWS,
        **OTHER_EXPORT,
    )
    told = {pair.figure.id: (pair.what, pair.cause) for pair in compare(BEFORE, now).figures}
    assert told == {"a.nieuw": ("nieuw", "gegevens"), "a.b": ("weg", "gegevens")}


def test_files_that_came_and_went_are_told():
    other = {"2021/a.csv": "x", SISCA: "s"}
    found = compare(BEFORE, replace(BEFORE, exports=other))
    assert found.exports == (("2021/a.csv", "nieuw"), (REGISTRATIONS, "weg"))


# What is remembered.


@pytest.fixture
def ws(tmp_path) -> Workspace:
    (tmp_path / "data" / "raw" / "voorbeeld" / "2021").mkdir(parents=True)
    return Workspace(tmp_path)


def run(ws: Workspace, now: Snapshot) -> Changes:
    """A complete run: what its page tells."""
    memory = beside_previous(ws, 2021, now)
    remember(ws, 2021, memory)
    return memory.told


CHANGED = after(**MORE_ROWS, **OTHER_EXPORT)


def test_the_first_run_of_a_year_has_nothing_to_stand_beside(ws):
    assert run(ws, BEFORE) == Changes(NONE_BEFORE)
    assert run(ws, BEFORE) == Changes(NONE_BEFORE)


def test_the_last_change_is_told_until_there_is_a_next_one(ws):
    run(ws, BEFORE)
    told = run(ws, CHANGED)
    assert [pair.figure.id for pair in told.figures] == ["a.b"] and told.since == "2022-03-01"
    assert run(ws, replace(CHANGED, made_on="2022-04-01")) == told
    back = run(ws, replace(BEFORE, made_on="2022-05-01"))
    assert (back.since, back.seen) == ("2022-04-01", "2022-05-01")
    assert back.figures[0].difference == -2.0


def test_a_run_that_is_killed_leaves_the_run_before_it_to_stand_beside(ws):
    run(ws, BEFORE)
    killed = beside_previous(ws, 2021, CHANGED)  # and nothing is remembered
    assert run(ws, CHANGED) == killed.told
    assert run(ws, CHANGED) == killed.told


def test_code_that_changed_nothing_is_no_cause_of_what_the_next_export_changes(ws):
    run(ws, BEFORE)
    same_outcome = replace(BEFORE, **OTHER_CODE)
    assert run(ws, same_outcome) == Changes(NONE_BEFORE)
    told = run(ws, after(**MORE_ROWS, **OTHER_EXPORT, **OTHER_CODE))
    assert [pair.cause for pair in told.figures] == ["gegevens"]


def test_an_export_that_was_saved_again_is_told_though_no_row_changed(ws):
    run(ws, BEFORE)
    told = run(ws, replace(BEFORE, **OTHER_EXPORT))
    assert told.exports and not told.rows and not told.figures


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '"x"', "null", '{"form": 1}', '{"form": 1, "last": {}, "told": {}}', "\x00"]
)  # fmt: skip
def test_what_cannot_be_read_is_told_and_the_comparison_begins_anew(ws, text):
    run(ws, BEFORE)
    path = ws.root / "data" / "processed" / ".vorige-voorbeeld" / "2021.json"
    path.write_text(text, "utf-8")
    assert run(ws, BEFORE) == Changes(UNREADABLE)
    assert [pair.figure.id for pair in run(ws, CHANGED).figures] == ["a.b"]


def test_what_another_version_remembered_in_another_form_is_not_read(ws):
    run(ws, BEFORE)
    path = ws.root / "data" / "processed" / ".vorige-voorbeeld" / "2021.json"
    said = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**said, "form": 0}), "utf-8")
    assert run(ws, CHANGED) == Changes(UNREADABLE)


def test_every_year_has_its_own_memory_and_a_year_without_exports_none(ws):
    ws.raw_year(2022).mkdir()
    run(ws, BEFORE)
    first = beside_previous(ws, 2022, BEFORE)
    assert first.told == Changes(NONE_BEFORE)
    shutil.rmtree(ws.raw_year(2021))
    remember(ws, 2022, first)
    folder = ws.root / "data" / "processed" / ".vorige-voorbeeld"
    assert [path.name for path in folder.iterdir()] == ["2022.json"]


# Two years.


def one_year(now: Figure | None, before: Figure | None, comparable: bool = True) -> changes.Pair:
    name = (now or before).id
    then = {name: before} if before else {}
    (pair,) = beside_year_before({name: now} if now else {}, then, then if comparable else {})
    return pair


@pytest.mark.parametrize(
    ("pair", "cause", "difference"),
    [
        (one_year(figure(value=12.0), figure()), "de wereld", 2.0),
        (one_year(figure(), figure()), "gelijk", 0.0),
        (one_year(figure(value=12.0), figure(), comparable=False), "registratie anders", None),
        (one_year(figure(value=12.0), figure(definition="X.")), "definitie anders", None),
        (one_year(figure(value=12.0), figure(unit="percent")), "definitie anders", None),
        (one_year(figure(value=None), figure()), "zonder waarde in één van beide jaren", None),
        (one_year(figure(), None), "alleen in één van beide jaren", None),
        (one_year(None, figure()), "alleen in één van beide jaren", None),
    ],
)
def test_between_two_years_it_is_the_world_only_when_definition_and_registration_are_the_same(
    pair, cause, difference
):
    assert (pair.cause, pair.difference) == (cause, difference)


# What is written.


def test_the_file_has_every_figure_beside_both():
    told = compare(BEFORE, after(**MORE_ROWS, **OTHER_EXPORT))
    now = {**BEFORE.figures, "a.b": figure(value=12.0, n=4)}
    then = {"a.b": figure(value=8.0, n=2), "e.f": figure("e.f")}
    table = changes_table(told, beside_year_before(now, then, then)).set_index("id")
    assert list(table.index) == ["a.b", "c.d", "e.f"]
    moved = table.loc["a.b"]
    assert moved["waarde":"n"].tolist() == [12.0, 4]
    assert moved["vorige_run":"verschil_vorige_run"].tolist() == [10.0, 3, 2.0]
    assert moved["vorig_jaar":"verschil_vorig_jaar"].tolist() == [8.0, 2, 4.0]
    assert moved[["oorzaak_vorige_run", "oorzaak_vorig_jaar"]].tolist() == ["gegevens", "de wereld"]
    assert table.loc["c.d", "verschil_vorige_run"] == 0
    assert table.loc["e.f", ["waarde", "vorige_run"]].isna().all()


def test_without_a_run_before_the_file_says_nothing_of_one():
    table = changes_table(Changes(NONE_BEFORE), beside_year_before(BEFORE.figures, {}, {}))
    assert table[["vorige_run", "verschil_vorige_run"]].isna().all(axis=None)
    assert (table["oorzaak_vorige_run"] == "").all()


def test_a_figure_that_is_gone_keeps_its_row_with_what_it_was():
    told = compare(BEFORE, replace(BEFORE, figures={"a.b": figure()}, **OTHER_EXPORT))
    table = changes_table(told, beside_year_before({"a.b": figure()}, {}, {})).set_index("id")
    assert table.loc["c.d", "vorige_run"] == 10 and pd.isna(table.loc["c.d", "waarde"])


def registered(level: str) -> dict[str, pd.DataFrame]:
    rows = [("0999", "ORG07", 5.0, level), ("0998", "ACT01", 3.0, "publiek")]
    columns = ["kbo", "indicator", "waarde", "toegangsniveau"]
    others = {"vte": pd.DataFrame({"vte": [1.0]}), "sectorbevraging": pd.DataFrame({"impact": [3]})}
    return {"sisca": pd.DataFrame(rows, columns=columns), **others}


def test_only_protected_values_are_guarded_not_numbers_of_organisations():
    def one(unit: str, table: str = "sisca", decimals: int = 0, **where) -> kengetallen.Kengetal:
        rows = (select(table, **where),)
        return kengetallen.Kengetal("x", "X", "X.", unit, decimals, rows, kengetallen.ROWS)

    year = registered("afgeschermd")
    total, number = one("eur", indicator="ORG07"), one("count", indicator="ORG07")
    assert is_guarded(total, year) and not is_guarded(total, registered("publiek"))
    assert is_guarded(one("count", decimals=1, indicator="ORG07"), year)
    assert not is_guarded(number, year) and not is_guarded(one("eur", indicator="ACT01"), year)
    assert not is_guarded(one("eur", table="vte"), year)
    assert is_guarded(one("score", table="sectorbevraging"), year)
    assert not is_guarded(one("count", table="sectorbevraging"), year)
    share = replace(total, share=(total, number))
    assert is_guarded(share, year) and not is_guarded(replace(share, share=(number, number)), year)


def test_the_former_value_of_a_guarded_figure_is_nowhere():
    guarded = {"guarded": ["a.b"]}
    (pair,) = told = compare(BEFORE, after(**MORE_ROWS, **OTHER_EXPORT, **guarded)).figures
    assert pair.guarded and pair.difference is None and pair.cause == "gegevens"
    table = changes_table(Changes(figures=told), beside_year_before({"a.b": pair.now}, {}, {}))
    assert table[["vorige_run", "verschil_vorige_run"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("difference", "unit", "decimals", "text"),
    [
        (12.0, "count", 0, "+12"),
        (-1234.0, "count", 0, "-1.234"),
        (2.25, "percent", 1, "+2,3\u00a0procentpunt"),
        (-90.0, "minutes", 0, "-1u30"),
        (0.04, "percent", 1, "minder dan de afronding"),
        (-0.4, "minutes", 0, "minder dan de afronding"),
        (0.0, "eur", 2, "€\u00a00,00"),
        (None, "eur", 2, "–"),
    ],
)
def test_a_difference_is_written_with_its_sign(difference, unit, decimals, text):
    assert format_difference(difference, unit, decimals) == text


# Code: what a function stands on.

CODE = {
    "kengetallen": """
from package import sector, tables
from package.forms import fold as folded

LIMIT = 5

def _offer(year):
    \"\"\"Give a figure.\"\"\"
    return _count(year)  # of the year

def _count(year):
    return len(folded(year)) + LIMIT

def _sector(year):
    from package import estimates
    return getattr(sector, "gini")(year), estimates.mean(year)

def _other(year):
    return tables.NAMES
""",
    "forms": "def fold(text):\n    return text\n\ndef other(text):\n    return text\n",
    "sector": "BOUND = 1\n\ndef gini(values):\n    return BOUND\n",
    "tables": "NAMES = ['a']\nMORE = ['b']\n",
    "estimates/__init__": "from package.estimates.means import mean\n",
    "estimates/means": "def mean(values):\n    return 1\n\ndef median(values):\n    return 2\n",
}


def hashes(root: Path, *, where: str = "", old: str = "", new: str = "") -> dict[str, str]:
    """The hashes of the three makers in a package, with one text in one module replaced."""
    package = root / (f"{where}{old}{new}".encode().hex()[-40:] or "as_it_was") / "package"
    for module, text in CODE.items():
        path = package / f"{module}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        assert module != where or old in text
        path.write_text(text.replace(old, new) if module == where else text, "utf-8")
    return {
        name: code_hash("kengetallen", name, package) for name in ("_offer", "_sector", "_other")
    }


@pytest.mark.parametrize(
    ("where", "old", "new", "makers"),
    [
        ("kengetallen", "return _count(year)", "return _count(year) + 1", {"_offer"}),
        ("kengetallen", "LIMIT = 5", "LIMIT = 6", {"_offer"}),
        (
            "forms",
            "def fold(text):\n    return text",
            "def fold(text):\n    return 'x'",
            {"_offer"},
        ),
        ("forms", "def other(text):\n    return text", "def other(text):\n    return 'x'", set()),
        ("sector", "BOUND = 1", "BOUND = 2", {"_sector"}),
        ("estimates/means", "return 1", "return 3", {"_sector"}),
        ("estimates/means", "return 2", "return 3", set()),
        ("tables", "NAMES = ['a']", "NAMES = ['c']", {"_other"}),
        ("tables", "MORE = ['b']", "MORE = ['c']", set()),
        ("kengetallen", "# of the year", "# of that year", set()),
        ("kengetallen", "Give a figure.", "Return a figure.", set()),
        ("kengetallen", "def _other(year):\n", "def _other(year):\n\n", set()),
    ],
)
def test_code_changed_for_whoever_reaches_it_and_for_nobody_else(tmp_path, where, old, new, makers):
    before, now = hashes(tmp_path), hashes(tmp_path, where=where, old=old, new=new)
    assert {name for name in before if before[name] != now[name]} == makers


def test_the_code_of_every_family_is_found():
    makers = {family.make.__name__ for family in kengetallen.FAMILIES}
    hashes = {name: code_hash("kengetallen", name) for name in makers}
    assert len(set(hashes.values())) == len(makers)
    assert code_hash("kengetallen", "_bestaat_niet") not in hashes.values()


# From an export to the page.

REGISTRATION = "registration_668_"
"""Of a recognised regional organisation that is not new, by somebody who came more than once."""
ONE_FEWER = {
    f"aanbod.deelnemers.{segment}"
    for segment in ("totaal", "primair", "erkend", "regionaal", "niet_instromer")
}
SHARES = {
    f"aanbod.deelnemers.{segment}.pct"
    for segment in (
        *("primair", "secundair"),  # of all participations
        *("erkend", "niet_erkend"),  # of those of the primary group
        *("landelijk", "regionaal", "instromer", "niet_instromer"),  # of those of the recognised
    )
} | {"aanbod.tevredenheid.respons.pct"}


def attended_no_more(ws: Workspace) -> None:
    export = ws.raw_year(2021) / "odoo" / "Evenementinschrijving (event.registration).csv"
    text = export.read_text("utf-8")
    row = next(line for line in text.splitlines() if REGISTRATION in line)
    export.write_text(text.replace(row, row.replace('"done"', '"cancel"')), "utf-8", newline="")


def without_what_takes_long(patch: pytest.MonkeyPatch) -> None:
    """Leave out other pages, and the process for notebooks: there are none."""
    patch.setattr("socius_lib.value_research.write_research", lambda *_: [])
    patch.setattr("socius_lib.engine.prepare", lambda: None)


@pytest.fixture(scope="module")
def corrected(example, tmp_path_factory) -> Workspace:
    """The example after a run, a correction, a run that is killed at its end, and a run."""
    root = tmp_path_factory.mktemp("veranderd") / "ws"
    shutil.copytree(example.root, root, symlinks=True)
    ws = Workspace(root)

    def killed(*_):
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        without_what_takes_long(patch)
        with patch.context() as at_first:
            at_first.setattr("socius_lib.run._write_reference", lambda *_: [])
            run_year(ws, 2021)
            attended_no_more(ws)
            at_first.setattr("socius_lib.memory.remember", killed)
            with pytest.raises(KeyboardInterrupt):
                run_year(ws, 2021)
        run_year(ws, 2021)
    return ws


def written(ws: Workspace) -> pd.DataFrame:
    return pd.read_csv(ws.reports(2021) / changes.CSV, encoding="utf-8-sig").set_index("id")


def test_one_corrected_registration_moves_what_it_counts_in_and_nothing_else(corrected):
    table = written(corrected)
    moved = table[(table["oorzaak_vorige_run"] != "gelijk") & table["waarde"].notna()]
    assert set(moved.index) == ONE_FEWER | SHARES
    assert (moved.loc[sorted(ONE_FEWER), "verschil_vorige_run"] == -1).all()
    assert set(moved["oorzaak_vorige_run"]) == {"gegevens"}
    of_answers = moved.loc["aanbod.tevredenheid.respons.pct"]
    assert of_answers["toelichting"] == "rijen in deelnames: 1 verwijderd"
    assert of_answers["waarde"] == pytest.approx(of_answers["vorige_run"] * 1218 / 1217)


class Cells(html.parser.HTMLParser):
    """The rows of the tables of a page, by the text of their first cell."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.rows: dict[str, list[str]] = {}
        self.row: list[str] = []
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag, attrs):  # noqa: ARG002
        if tag == "tr":
            self.row = []
        elif tag in {"th", "td"}:
            self.row.append("")

    def handle_data(self, data):
        if self.row:
            self.row[-1] += data

    def handle_endtag(self, tag):
        if tag == "tr":
            first, *others = (" ".join(cell.split()) for cell in self.row)
            self.rows.setdefault(first, others)
            self.row = []


def test_the_page_tells_it(corrected):
    path = corrected.reports(2021) / changes.PAGE
    rows, text = Cells(path).rows, path.read_text("utf-8")
    assert rows["Deelnames aanbod.deelnemers.totaal"] == [
        "1.218", "1.217", "-1", "gegevens rijen in deelnames: 1 verwijderd",
    ]  # fmt: skip
    assert rows["inschrijvingen"] == ["1.777", "1.777", "0", "0", "1"]
    assert rows["deelnames"] == ["1.218", "1.217", "0", "1", "0"]
    assert rows["2021/odoo/Evenementinschrijving (event.registration).csv"] == ["gewijzigd"]
    assert "Verschoven: 14 van de" in text and "14 door gegevens" in text
    assert "registratie anders" in text and "Niet naast elkaar te leggen" in text


def test_the_index_leads_to_the_page_and_the_run_knows_both_files(corrected):
    folder = corrected.reports(2021)
    index = (folder / "index.html").read_text("utf-8")
    assert f'href="{changes.PAGE}"' in index and f'href="{changes.CSV}"' in index
    files = json.loads((folder / "run.json").read_text("utf-8"))["bestanden"]
    assert {changes.PAGE, changes.CSV} <= set(files)
    ids = set(re.findall(r'id="([^"]+)"', (folder / "definities.html").read_text("utf-8")))
    links = re.findall(
        r'href="definities.html#([^"]+)"', (folder / changes.PAGE).read_text("utf-8")
    )
    assert links and set(links) <= ids


def test_the_page_stays_when_the_run_is_done_again(corrected, monkeypatch):
    without_what_takes_long(monkeypatch)
    folder = corrected.reports(2021)
    before = {name: (folder / name).read_bytes() for name in (changes.PAGE, changes.CSV)}
    (folder / changes.PAGE).unlink()
    run_year(corrected, 2021)
    assert {name: (folder / name).read_bytes() for name in before} == before


def test_nothing_that_stands_in_a_row_is_remembered(corrected):
    folder = corrected.root / "data" / "processed" / ".vorige-voorbeeld"
    words = set(re.findall(r'"([^"]*)"', (folder / "2021.json").read_text("utf-8")))
    year = calculate.YearTables(corrected, 2021)
    for table, column in (
        ("deelnames", "persoon_id"), ("deelnames", "inschrijving_id"), ("identiteit", "naam"),
        ("identiteit", "email"), ("organisaties", "kbo"), ("contacten", "contact_id"),
    ):  # fmt: skip
        stored = set(year[table][column].dropna())
        assert stored and stored.isdisjoint(words), (table, column)


def test_across_the_break_of_sisca_nothing_is_said_to_have_moved(corrected):
    table = written(corrected)
    sisca = table[table.index.str.startswith("sisca.")]
    assert set(sisca["oorzaak_vorig_jaar"]) == {
        "registratie anders",
        "alleen in één van beide jaren",
    }
    assert sisca["verschil_vorig_jaar"].isna().all()
    of_offer = table.loc["aanbod.deelnemers.totaal"]
    assert of_offer[["verschil_vorig_jaar", "oorzaak_vorig_jaar"]].tolist() == [
        1217 - 946,
        "de wereld",
    ]


def test_a_figure_reads_no_other_tables_than_it_names(example):
    class Recorded(calculate.YearTables):
        def __getitem__(self, name: str) -> pd.DataFrame:
            read.add(name)
            return super().__getitem__(name)

    read: set[str] = set()
    year = Recorded(example, 2021)
    known, _ = calculate.define(year)
    for name in known:
        read.clear()
        known[name].compute(year)
        assert read <= set(known[name].tables), name


def look(root: Path, **others: exports.Rows) -> Snapshot:
    """A run on tiny exports, with the figures of one protected indicator of SISCA."""
    ws = exports.write(root, **others)
    ensure_processed(ws, exports.JAAR)
    year = calculate.YearTables(ws, exports.JAAR)
    known, _ = calculate.define(year)
    computed = {}
    for name, of in known.items():
        if name.startswith("sisca.ORG07"):
            value, n = of.compute(year)
            computed[name] = figure(name, value, n=n, source=of.source, tables=of.tables)
    return take_snapshot(ws, exports.JAAR, computed)


def test_a_protected_sum_that_moved_does_not_tell_by_how_much(tmp_path):
    before = look(tmp_path)
    told = compare(
        before, look(tmp_path, organisation=exports.changed("organisation", 1, {"ORG07": 95000}))
    )
    assert told.rows == (RowChange("sisca", 5, 5, 0, 0, 1),)
    moved = {pair.figure.id: pair for pair in told.figures}
    assert "sisca.ORG07.som" in moved and "sisca.ORG07.n" not in moved
    assert all(pair.guarded and pair.difference is None for pair in moved.values())


def test_a_workspace_that_is_processed_anew_has_the_same_rows(tmp_path):
    one, other = (look(tmp_path / name) for name in ("een", "ander"))
    persons = [{person for *_, person in each.rows["deelnames"]} for each in (one, other)]
    assert len(persons[0]) == 3 and persons[0].isdisjoint(persons[1])
    found = compare(one, other)
    assert found.rows == () and found.figures == ()
