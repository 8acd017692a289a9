"""The figures: those of the example years are as given, and each rule holds on a small table."""

from pathlib import Path

import pandas as pd
import pytest

import socius_lib as socius
from socius_lib import calculate, kengetallen, pages, reconcile, store
from socius_lib.kengetallen import Kengetal, select

EXPECTED = Path(__file__).parent / "expected"


GIVEN = {2020: 278, 2021: 336}
"""How many figures of a year were given; the others are our own, worked out from the exports apart."""


def expected_of(jaar: int) -> pd.DataFrame:
    given = pd.read_csv(EXPECTED / f"kengetallen_{jaar}.csv")
    assert len(given) == GIVEN[jaar]
    own = pd.read_csv(EXPECTED / f"eigen_kengetallen_{jaar}.csv")
    both = pd.concat([given, own]).set_index("id")
    assert both.index.is_unique
    return both


@pytest.fixture(scope="module", params=[2020, 2021])
def year(request, example):
    computed, unavailable = calculate.compute_all(example, request.param)
    return computed, expected_of(request.param), unavailable, request.param


def test_a_year_has_exactly_the_figures_that_must_come_out(year):
    computed, expected, _, _ = year
    assert set(computed) == set(expected.index)


def test_every_figure_equals_the_value_that_must_come_out(year):
    computed, expected, _, _ = year
    wrong = {
        name: (figure.value, expected["waarde"][name])
        for name, figure in computed.items()
        if figure.value != pytest.approx(expected["waarde"][name], abs=5e-7)
        or expected["eenheid"].fillna(figure.unit)[name] != figure.unit
    }
    assert wrong == {}


def test_every_figure_says_what_it_is_and_where_it_comes_from(year):
    computed, _, _, _ = year
    for figure in computed.values():
        assert figure.label and figure.definition.endswith("."), figure.id
        assert figure.source and figure.n >= 0, figure.id
        assert figure.decimals < len(pages.ROUNDING), figure.id


def test_a_year_without_policy_plans_or_survey_says_which_figures_it_lacks(example):
    _, unavailable = calculate.compute_all(example, 2020)
    reasons = {lost.ids: lost.reason for lost in unavailable}
    assert any("fragmenten" in reason for reason in reasons.values())
    assert any("sectorbevraging" in reason for reason in reasons.values())


def test_263_figures_were_printed_and_two_of_them_differ_each_with_its_reason(example):
    computed, _ = calculate.compute_all(example, 2021)
    beside = reconcile.reconcile(computed, store.read_partition(example, "gedrukt", 2021))
    assert beside["uitkomst"].value_counts().to_dict() == {
        reconcile.EQUAL: 261,
        reconcile.EXPLAINED: 2,
    }
    differs = beside[beside["uitkomst"] == reconcile.EXPLAINED].set_index("id")
    assert set(differs.index) == {"overleg.beleid.pct", "fin.in.werking.pct"}
    assert (differs["verklaring"].str.len() > 20).all()
    printed = pd.read_csv(EXPECTED / "kengetallen_2021.csv").dropna(subset="gepubliceerd")
    assert set(beside["id"]) == set(printed["id"])


def test_a_difference_that_nobody_explained_is_named_as_such():
    def one(value: float) -> dict[str, calculate.Figure]:
        figure = calculate.Figure("a.b", 2021, value, "percent", 3, "A", "A.", "bron", 0)
        return {"a.b": figure}

    row = {"kengetal": "a.b", "gedrukt": "60", "verklaring": None, "citaat": "", "noot": ""}
    gedrukt = pd.DataFrame([row])
    assert list(reconcile.reconcile(one(60.4), gedrukt)["uitkomst"]) == [reconcile.EQUAL]
    assert list(reconcile.reconcile(one(60.6), gedrukt)["uitkomst"]) == [reconcile.UNEXPLAINED]
    explained = gedrukt.assign(verklaring="naar beneden afgekapt")
    assert list(reconcile.reconcile(one(60.6), explained)["uitkomst"]) == [reconcile.EXPLAINED]
    # As many decimals as were printed: 60.4 is not 60.0.
    precise = gedrukt.assign(gedrukt="60.0")
    assert list(reconcile.reconcile(one(60.4), precise)["uitkomst"]) == [reconcile.UNEXPLAINED]


def test_the_net_promoter_score_counts_passives_in_the_denominator_only():
    assert kengetallen.net_promoter_score(pd.Series([10, 9, 8, 7, 6, None])) == pytest.approx(20)
    assert kengetallen.net_promoter_score(pd.Series([None], dtype="float64")) is None


def test_a_mean_duration_is_cut_not_rounded():
    activiteiten = pd.DataFrame({"duur_minuten": [847.0, 848.0]})
    assert kengetallen.mean_cut("duur_minuten").of(activiteiten) == 847
    assert kengetallen.mean_cut("duur_minuten").of(activiteiten.iloc[:0]) is None


def test_a_selection_takes_the_rows_it_says_and_no_missing_ones():
    tabel = pd.DataFrame({"doelgroep": ["primair", "secundair", None], "waarde": [1, 2, 4]})
    selection = select("t", doelgroep=("primair", "secundair"))
    assert selection.rows({"t": tabel})["waarde"].sum() == 3
    assert str(selection) == "t waar doelgroep = primair of secundair"


def test_a_share_of_nothing_is_no_number_and_not_zero():
    tabel = {"t": pd.DataFrame({"erkend": pd.array([True, False], dtype="boolean")})}
    recognised = Kengetal("x", "X", "X.", "count", 0, (select("t", erkend=True),))
    everything = Kengetal("y", "Y", "Y.", "count", 0, (select("t"),))
    nothing = Kengetal("z", "Z", "Z.", "count", 0, (select("t", erkend="nooit"),))
    of_all = kengetallen.share_of(recognised, everything, "Aandeel.")
    assert of_all.compute(tabel) == (50.0, 2)
    assert kengetallen.share_of(recognised, nothing, "Aandeel.").compute(tabel) == (None, 0)


def test_an_organisation_reached_by_offer_and_request_counts_once(example):
    value = {f: calculate.find(example, 2021, f"bereik.erkend.{f}").value for f in PARTS}
    assert max(value["aanbod"], value["vraaggestuurd"]) <= value["uniek"]
    assert value["uniek"] < value["aanbod"] + value["vraaggestuurd"]


PARTS = ("aanbod", "vraaggestuurd", "uniek")


def test_what_a_researcher_types_gives_the_value_its_definition_and_its_source(example):
    shown = repr(socius.figure("aanbod.uniek.erkend", jaar=2021, root=example.root))
    assert "471" in shown
    assert "deelnames waar doelgroep = primair en erkend = ja" in shown
    deelnames = socius.load_table("deelnames", jaar=2021, root=example.root)
    per = socius.count_reach(deelnames, by=["werkingsgebied"]).set_index("werkingsgebied")
    assert per["personen"]["landelijk"] == 382


def test_a_table_of_several_years_or_of_all_has_the_year_in_each_row(example):
    two = socius.load_table("deelnames", jaar=[2020, 2021], root=example.root)
    assert two["jaar"].value_counts().to_dict() == {2021: 1218, 2020: 946}
    every = socius.load_table("sisca", root=example.root)
    assert sorted(every["jaar"].unique()) == [2018, 2019, 2020, 2021]


@pytest.mark.parametrize(
    ("ask", "nearest"),
    [
        (lambda root: socius.load_table("deelname", 2021, root=root), "deelnames"),
        (lambda root: socius.figure("aanbod.uniek.erkent", 2021, root=root), "aanbod.uniek.erkend"),
        (lambda root: socius.has_table("fragment", 2021, root=root), "fragmenten"),
        (lambda root: socius.load_table("sisca", 2021, bron="voorbeelt", root=root), "voorbeeld"),
    ],
)
def test_a_misspelt_name_tells_the_nearest(example, ask, nearest):
    with pytest.raises(socius.SociusError, match=f"'{nearest}'"):
        ask(example.root)


def test_a_table_that_a_year_lacks_is_named_as_missing_not_as_empty(example):
    assert not socius.has_table("fragmenten", 2020, root=example.root)
    with pytest.raises(socius.MissingTable, match="fragmenten"):
        socius.load_table("fragmenten", 2020, root=example.root)
    with pytest.raises(socius.MissingTable):
        socius.figure("onderzoek.beleidsplannen.fragmenten", 2020, root=example.root)


def test_a_target_is_held_against_the_unrounded_value_in_its_own_direction():
    def one(name: str, value: float | None) -> calculate.Figure:
        return calculate.Figure(name, 2021, value, "count", 3, name, "X.", "bron", 0)

    computed = {f.id: f for f in (one("a", 49.6), one("b", 50.0), one("c", None))}
    streefwaarden = pd.DataFrame(
        [
            ("OD1", "a", 50.0, "minstens"),
            ("OD1", "a", 50.0, "hoogstens"),
            ("OD1", "b", 50.0, "minstens"),
            ("OD1", "c", 50.0, "minstens"),
            ("OD1", "bestaat niet", 50.0, "minstens"),
        ],
        columns=["doelstelling", "kengetal", "streefwaarde", "richting"],
    )
    reached = calculate.against_targets(computed, streefwaarden)["gehaald"]
    assert reached.tolist() == ["nee", "ja", "ja", "niet te zeggen", "niet te zeggen"]


def test_every_target_of_the_example_names_a_figure(example):
    targets = socius.load_targets(2021, root=example.root)
    assert len(targets) == 9 and set(targets["gehaald"]) == {"ja", "nee"}
    figure = socius.figure("tevredenheid.nps", 2021, root=example.root)
    assert figure.id == "aanbod.nps"


def test_an_empty_cell_can_be_what_is_selected():
    tabel = pd.DataFrame({"doel": ["SD1", None, None], "bedrag": [1, 2, 4]})
    selection = select("t", doel=None)
    assert selection.rows({"t": tabel})["bedrag"].sum() == 6
    assert str(selection) == "t waar doel = leeg"


def test_who_is_on_no_list_counts_below_the_mean_number_of_lists():
    abonnees = pd.DataFrame(
        {"abonnee": [1, 1, 2, 3], "lijst": ["E-zine", "Digitaal", "E-zine", "(geen)"]}
    )
    assert kengetallen.LISTS.of(abonnees) == 1
    assert kengetallen.LISTS.of(abonnees.iloc[:0]) is None


def test_pages_per_visit_need_visits():
    web = pd.DataFrame({"maat": ["bezoeken", "paginas"], "waarde": [4, 10]})
    assert kengetallen.PAGES_PER_VISIT.of(web) == 2.5
    assert kengetallen.PAGES_PER_VISIT.of(web.assign(waarde=[0, 10])) is None


@pytest.mark.parametrize(
    ("offer", "request_", "count"),
    [(True, True, 1), (True, False, 1), (False, True, 2), (False, False, 0)],
)
def test_organisations_are_counted_once_by_how_they_were_reached(offer, request_, count):
    columns = ["organisatie_id", "inschrijving_id", "vraag_id"]
    rows = pd.DataFrame(
        [
            ("o1", "i1", None),
            ("o1", "i2", None),
            ("o1", None, "v1"),
            ("o2", "i3", None),
            ("o3", None, "v2"),
            ("o4", None, "v3"),
        ],
        columns=columns,
    )
    assert kengetallen.reached_by(offer, request_).of(rows) == count


@pytest.mark.parametrize("jaar", [2020, 2021])
def test_the_outcomes_of_requests_and_ways_of_reach_are_those_of_the_figures(example, jaar):
    computed, _ = calculate.compute_all(example, jaar)
    tables = calculate.YearTables(example, jaar)
    vragen = tables["vragen"]
    outcome = socius.request_outcome(vragen).value_counts()
    ids = ("gerealiseerd", "niet_uitgevoerd", "onbeslist", "afgewezen")
    assert [outcome[name] for name in outcome.index.categories] == [
        computed[f"vraag.{name}.totaal"].value for name in ids
    ]
    assert sum(outcome) == computed["vraag.vragen.totaal"].value
    ways = socius.way_of_reach(tables["organisaties"], tables["deelnames"], vragen)["weg"]
    ids = ("beide", "alleen_aanbod", "alleen_vraag", "niet_bereikt")
    assert [(ways == name).sum() for name in ways.cat.categories] == [
        computed[f"bereik.erkend.{name}"].value for name in ids
    ]


def test_a_table_up_to_a_year_has_no_later_one_and_no_rows_when_no_year_has_it(example):
    web = socius.load_history("webstatistiek", 2021, root=example.root)
    assert sorted(web["jaar"].unique()) == [2020, 2021]
    web = socius.load_history("webstatistiek", 2020, root=example.root)
    assert list(web["jaar"].unique()) == [2020]
    none = socius.load_history("webstatistiek", 2019, root=example.root)
    assert list(none) == list(web) and len(none) == 0
    with pytest.raises(socius.SociusError, match="'webstatistiek'"):
        socius.load_history("webstatistik", 2021, root=example.root)


def test_a_figure_that_the_data_refuse_is_told_and_the_others_are_computed(example, monkeypatch):
    def refuse(_rows):
        raise socius.SociusError("Te weinig om te meten.")

    def make(_year):
        measure = kengetallen.Measure("niets", refuse)
        yield Kengetal(
            "proef.niet", "Niet", "Niet.", "count", 0, (select("activiteiten"),), measure
        )
        yield Kengetal("proef.wel", "Wel", "Wel.", "count", 0, (select("activiteiten"),))

    families = (kengetallen.Family("proef", ("activiteiten",), make),)
    monkeypatch.setattr(kengetallen, "FAMILIES", families)
    computed, lost = calculate.compute_all(example, 2021)
    assert set(computed) == {"proef.wel"}
    assert [(each.ids, each.reason) for each in lost] == [("proef.niet", "Te weinig om te meten.")]
