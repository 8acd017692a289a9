"""What may be shown: rules on tables one can check by hand, from the rows to what is written."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from socius_lib import SociusError, disclosure
from socius_lib.disclosure import Count, CountRows, Mean, Nps, Release, Share, Sum, level, register
from socius_lib.disclosure.shown import show_bars
from socius_lib.estimates import feasible_ranges
from socius_lib.plots import plot_bars

PARTNER, PUBLIC, OWN = level("partner"), level("publiek"), level("organisatie")


def people(**groups: int) -> pd.DataFrame:
    """So many persons in each group, each once."""
    rows = [(name, f"{name}{at}") for name, size in groups.items() for at in range(size)]
    return pd.DataFrame(rows, columns=["groep", "persoon_id"])


def amounts(*values: float, groep: str = "a") -> pd.DataFrame:
    """One organisation per value."""
    rows = [(groep, f"o{at}", value) for at, value in enumerate(values)]
    return pd.DataFrame(rows, columns=["groep", "kbo", "bedrag"])


@pytest.fixture
def registered(tmp_path, monkeypatch):
    """Registers tables as the first pass of a release does, and gives them."""

    def registers(*tables: dict) -> list[disclosure.Table]:
        folder = Path(tmp_path) / f"tabellen{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        monkeypatch.setenv(disclosure.SHARE_TO, str(folder))
        for number, asked in enumerate(tables):
            said = {"name": f"tabel{number}", "title": "Tabel", **asked}
            register(said.pop("name"), said.pop("rows"), **said)
        monkeypatch.delenv(disclosure.SHARE_TO)
        return disclosure.read_tables(folder)

    return registers


def planned(tables, at=PARTNER, **options) -> dict[str, pd.DataFrame]:
    """The tables as they may be written."""
    plan = disclosure.make_plan(tables, at, **options)
    return {table.name: disclosure.safe_frame(table, plan) for table in tables}


def whole(tables) -> dict[str, pd.DataFrame]:
    """The tables as they are, nothing withheld."""
    everything = {
        table.name: [(cell.column, cell.place) for cell in table.cells if cell.listed]
        for table in tables
    }
    plan = disclosure.Plan(PARTNER, everything, pd.DataFrame())
    return {table.name: disclosure.safe_frame(table, plan) for table in tables}


PERSONS = {"personen": Count("persoon_id")}
TOTALS = {"som": Sum("bedrag", "kbo")}


@pytest.mark.parametrize(("at", "least"), [(PARTNER, 5), (OWN, 5), (PUBLIC, 10)])
def test_exactly_the_least_number_of_persons_is_shown_and_one_less_is_not(registered, at, least):
    for size, shown in ((least, True), (least - 1, False)):
        tables = registered({"rows": people(a=size), "measures": PERSONS})
        frame = planned(tables, at)["tabel0"]
        assert frame["personen"].notna().all() == shown
        assert frame[disclosure.WITHHELD].all() != shown


def test_a_public_count_of_persons_is_rounded_to_five(registered):
    tables = registered({"rows": people(a=12, b=13), "by": ["groep"], "measures": PERSONS})
    frame = planned(tables, PUBLIC)["tabel0"].set_index("groep")["personen"]
    assert dict(frame) == {"a": 10, "b": 15, "totaal": 25}


@pytest.mark.parametrize(("at", "least"), [(PUBLIC, 10), (PARTNER, 10), (OWN, 5)])
def test_a_mean_or_score_of_one_answer_too_few_is_not_shown(registered, at, least):
    measures = {
        "tevredenheid": Mean("score", "antwoord_id", 0, 10),
        "nps": Nps("score", "antwoord_id"),
    }
    for size, shown in ((least, True), (least - 1, False)):
        scores = np.full(size, 7.0)  # of a score of all the same nobody is in a small part of it
        rows = pd.DataFrame({"antwoord_id": [f"a{n}" for n in range(size)], "score": scores})
        frame = planned(registered({"rows": rows, "measures": measures}), at)["tabel0"]
        assert frame[["tevredenheid", "nps"]].notna().all(axis=None) == shown


@pytest.mark.parametrize("at", [PUBLIC, PARTNER, OWN])
def test_an_organisation_with_several_rows_counts_once(registered, at):
    four = pd.concat([amounts(10, 11, 9, 10), amounts(10)], ignore_index=True)
    tables = registered({"rows": four, "measures": TOTALS})
    assert planned(tables, at)["tabel0"]["som"].isna().all()
    tables = registered({"rows": amounts(10, 11, 9, 10, 10), "measures": TOTALS})
    assert planned(tables, at)["tabel0"]["som"].tolist() == [50]


@pytest.mark.parametrize("at", [PUBLIC, PARTNER, OWN])
def test_a_sum_in_which_one_can_be_worked_out_by_the_second_is_not_shown(registered, at):
    # The second knows its 40: what is left for the largest is off by 3 of 50 at most.
    tables = registered({"rows": amounts(50, 40, 1, 1, 1), "measures": TOTALS})
    assert planned(tables, at)["tabel0"]["som"].isna().all()
    tables = registered({"rows": amounts(20, 18, 17, 19, 20), "measures": TOTALS})
    assert planned(tables, at)["tabel0"]["som"].tolist() == [94]


def test_the_parameter_of_dominance_is_not_printed():
    assert "15" not in repr(PARTNER)


def test_a_small_cell_takes_another_with_it_so_that_the_total_does_not_give_it_back(registered):
    tables = registered({"rows": people(a=3, b=7, c=20), "by": ["groep"], "measures": PERSONS})
    frame = planned(tables)["tabel0"].set_index("groep")["personen"]
    assert frame.isna()["a"] and frame.isna().sum() >= 2
    assert disclosure.audit(tables, planned(tables), PARTNER) == []
    alone = whole(tables)
    alone["tabel0"].loc[alone["tabel0"]["groep"] == "a", "personen"] = pd.NA
    assert disclosure.audit(tables, alone, PARTNER) != []


def test_a_withheld_cell_is_missing_and_never_0(registered):
    tables = registered({"rows": people(a=3, b=7, c=20), "by": ["groep"], "measures": PERSONS})
    frame = planned(tables)["tabel0"]
    assert not frame["personen"].eq(0).fillna(False).any()


def test_two_tables_that_are_safe_alone_and_exact_together_are_not_both_shown(registered):
    rows = people(a=20).assign(erkend=[True] * 19 + [False])
    both = (
        {"rows": rows, "measures": PERSONS},
        {"rows": rows, "where": {"erkend": True}, "measures": PERSONS},
    )
    for one in both:
        assert planned(registered(one))["tabel0"]["personen"].notna().all()
    tables = registered(*both)
    frames = planned(tables)
    assert sum(frame["personen"].isna().sum() for frame in frames.values()) == 1
    assert disclosure.audit(tables, frames, PARTNER) == []
    assert disclosure.audit(tables, whole(tables), PARTNER) != []


def test_four_withheld_cells_leave_the_ranges_that_the_margins_leave():
    table = [[None, None], [None, None], [3, 3]]
    found = feasible_ranges(pd.DataFrame(table, dtype="float64"), [7, 3, 6], [9, 7])
    ranges = found[["laag", "hoog"]] if "laag" in found else found.iloc[:, -2:]
    assert ranges.to_numpy().tolist() == [[3, 6], [1, 4], [0, 3], [0, 3]]


def test_a_cell_that_is_exact_though_each_line_withholds_two_is_found(registered):
    sizes = np.array([[9, 8, 3, 9], [7, 9, 8, 9], [9, 9, 8, 7], [9, 9, 9, 8]])
    rows = [
        (f"r{r}", f"k{k}", f"p{r}{k}{n}")
        for r in range(4)
        for k in range(4)
        for n in range(sizes[r, k])
    ]
    frame = pd.DataFrame(rows, columns=["rij", "kolom", "persoon_id"])
    tables = registered({"rows": frame, "by": ["rij", "kolom"], "measures": PERSONS})
    # Two blocks, and one cell more: what the rows of the first leave over its columns is that cell.
    hidden = {(0, 0), (0, 1), (1, 0), (1, 1), (2, 2), (2, 3), (3, 2), (3, 3), (0, 2)}
    shown = whole(tables)["tabel0"]
    places = set(zip(shown["rij"], shown["kolom"], strict=True))
    assert len(places) == 25
    for r, k in hidden:
        shown.loc[(shown["rij"] == f"r{r}") & (shown["kolom"] == f"k{k}"), "personen"] = pd.NA
    assert disclosure.audit(tables, {"tabel0": shown}, PARTNER) != []
    assert disclosure.audit(tables, planned(tables), PARTNER) == []


def released(ws, tables, frames, day: int) -> None:
    name = f"uitgave{day}"
    about = Release(name, 2021, "partner", "KU", "onderzoek", "1", date(2021, 1, day).isoformat())
    disclosure.open_ledger(ws).add(about, tables, frames)


def test_a_total_over_ten_organisations_and_later_over_eleven_gives_away_the_newcomer(
    registered, own_example
):
    ten = [20.0, 18, 17, 19, 20, 21, 18, 19, 22, 20]
    first = registered({"rows": amounts(*ten), "measures": TOTALS})
    released(own_example, first, planned(first), 1)
    audiences = disclosure.open_ledger(own_example).audiences(PARTNER, "KU")
    later = registered({"rows": amounts(*ten, 16), "measures": TOTALS})
    assert planned(later)["tabel0"]["som"].notna().all()
    assert planned(later, audiences=audiences)["tabel0"]["som"].isna().all()
    assert disclosure.audit(later, whole(later), PARTNER, audiences) != []
    respelt = disclosure.open_ledger(own_example).audiences(PARTNER, "k.u.")
    assert planned(later, audiences=respelt)["tabel0"]["som"].isna().all()
    other = disclosure.open_ledger(own_example).audiences(PARTNER, "VUB")
    assert planned(later, audiences=other)["tabel0"]["som"].notna().all()


def test_a_mean_that_gives_away_the_newcomer_is_not_shown(registered, own_example):
    measures = {"n": CountRows("antwoord_id"), "score": Mean("score", "antwoord_id", 0, 10)}

    def answers(size: int) -> pd.DataFrame:
        scores = np.resize([8.0, 7, 9, 6, 8], size)
        return pd.DataFrame({"antwoord_id": [f"a{n}" for n in range(size)], "score": scores})

    first = registered({"rows": answers(12), "measures": measures})
    released(own_example, first, planned(first), 1)
    audiences = disclosure.open_ledger(own_example).audiences(PARTNER, "KU")
    later = registered({"rows": answers(13), "measures": measures})
    frame = planned(later, audiences=audiences)["tabel0"]
    assert frame[["n", "score"]].isna().any(axis=None)
    assert disclosure.audit(later, {"tabel0": frame}, PARTNER, audiences) == []
    assert disclosure.audit(later, whole(later), PARTNER, audiences) != []


def test_a_singleton_is_protected_from_its_neighbour_that_knows_its_own_value(registered):
    # Alone in its cell, `b` knows what it contributes: of a total of a and b it keeps a.
    rows = pd.concat(
        [
            amounts(50, groep="a").assign(kbo="a"),
            amounts(40, groep="b").assign(kbo="b"),
            *(amounts(20, 19, 18, 20, 21, groep=g).assign(kbo=lambda f, g=g: g + f["kbo"]) for g in "cd"),
        ]
    )  # fmt: skip
    tables = registered({"rows": rows, "by": ["groep"], "measures": TOTALS})
    alone = whole(tables)
    alone["tabel0"].loc[alone["tabel0"]["groep"].isin(["a", "b"]), "som"] = np.nan
    assert disclosure.audit(tables, alone, PARTNER) != []
    frames = planned(tables)
    assert frames["tabel0"]["som"].isna().sum() > 2
    assert disclosure.audit(tables, frames, PARTNER) == []


def test_a_percentage_or_score_that_is_a_small_count_in_disguise_is_not_shown(registered):
    measures = {"deel": Share("ja", "antwoord_id"), "nps": Nps("score", "antwoord_id")}
    for few, shown in ((5, True), (4, False)):
        # So many say yes and promote; as many as not detract, of which there are enough.
        yes = [at < few for at in range(20)]
        rows = pd.DataFrame(
            {
                "antwoord_id": [f"a{at}" for at in range(20)],
                "ja": pd.array(yes, dtype="boolean"),
                "score": [9.0 if one else 3.0 for one in yes],
            }
        )
        frame = planned(registered({"rows": rows, "measures": measures}))["tabel0"]
        assert frame[["deel", "nps"]].notna().all(axis=None) == shown


def test_a_group_that_is_all_in_one_category_is_flagged(registered):
    rows = pd.concat(
        [people(a=6, b=7).assign(vorm="online"), people(c=8).assign(vorm="offline", groep="b")]
    )
    tables = registered({"rows": rows, "by": ["groep", "vorm"], "measures": PERSONS})
    for at in (PUBLIC, PARTNER, OWN):
        flags = disclosure.make_plan(tables, at).flags
        assert "kolom personen: alles van 'a' zit bij vorm in één groep" in {f.text for f in flags}
        assert not any("'b'" in flag.text for flag in flags)


def test_a_figure_leaves_a_withheld_value_out_and_says_so(registered, tmp_path, monkeypatch):
    tables = registered({"rows": people(a=3, b=7, c=20), "by": ["groep"], "measures": PERSONS})
    plan = disclosure.make_plan(tables, PARTNER)
    disclosure.write_plan(plan, tables, tmp_path / "plan.json")
    monkeypatch.setenv(disclosure.SHARE_PLAN, str(tmp_path / "plan.json"))
    nobody = people().iloc[:0]
    shown = register("tabel0", nobody, by=["groep"], measures=PERSONS, title="Tabel")
    drawn = []
    monkeypatch.setattr(
        "socius_lib.disclosure.shown.plot_bars",
        lambda rows, *told, **how: drawn.extend(rows["groep"]) or plot_bars(rows, *told, **how),
    )
    figure = show_bars(shown, "personen", "Het grootste is {}")
    withheld = set(shown.parts[shown.parts["personen"].isna()]["groep"])
    assert len(withheld) == 2 and set(drawn) == {"a", "b", "c"} - withheld
    assert "2 waarden zijn afgeschermd" in figure.alt


def test_an_organisation_sees_its_own_value_and_not_that_of_another(registered):
    rows = amounts(50, 40, 30, 20, 10)
    tables = registered({"rows": rows, "by": ["kbo"], "totals": False, "measures": TOTALS})
    frame = planned(tables, OWN, own=["o1"])["tabel0"].set_index("kbo")["som"]
    assert frame["o1"] == 40 and frame.drop("o1").isna().all()


def test_what_is_not_registered_is_refused(registered):
    tables = registered({"rows": people(a=20), "measures": PERSONS})
    findings = disclosure.audit(tables, {**planned(tables), "ander": pd.DataFrame()}, PARTNER)
    assert [finding.table for finding in findings] == ["ander"]
    with pytest.raises(SociusError, match="ander"):
        disclosure.refuse(findings)


def test_a_value_that_differs_from_what_was_registered_is_found(registered):
    tables = registered({"rows": people(a=20), "measures": PERSONS})
    frames = planned(tables)
    frames["tabel0"]["personen"] = 21
    assert disclosure.audit(tables, frames, PARTNER) != []


@pytest.mark.parametrize("word", ["", None, disclosure.WITHHELD])
def test_what_is_read_back_as_withheld_is_withheld(registered, word):
    tables = registered({"rows": people(a=3), "measures": PERSONS})
    frame = planned(tables)["tabel0"].astype({"personen": "object"})
    frame["personen"] = word
    assert disclosure.audit(tables, {"tabel0": frame}, PARTNER) == []


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(sizes=st.lists(st.integers(0, 12), min_size=4, max_size=9))
def test_the_audit_finds_nothing_in_what_the_plan_lets_out(registered, sizes):
    rows = [
        (f"r{at % 3}", f"k{at // 3}", f"p{at}_{n}")
        for at, size in enumerate(sizes)
        for n in range(size)
    ]
    frame = pd.DataFrame(rows, columns=["rij", "kolom", "persoon_id"], dtype="str")
    tables = registered({"rows": frame, "by": ["rij", "kolom"], "measures": PERSONS})
    assert disclosure.audit(tables, planned(tables), PARTNER) == []
