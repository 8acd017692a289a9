"""SISCA by hand: ratios, spread, groups, series and leaps, and what would give somebody away."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import socius_lib as socius
from socius_lib import SociusError, sector
from socius_lib.format import format_number, format_short
from socius_lib.plots import plot_panels
from socius_lib.sector import Ratio

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "50_sectoranalyse.ipynb"

ABOUT = {
    "ACT01": ("Aantal activiteiten", "aantal", "publiek"),
    "ACT02": ("Aantal deelnames", "aantal", "publiek"),
    "ACT03": ("Aandeel digitale activiteiten", "%", "publiek"),
    "ACT04": ("Activiteiten: cultuurfunctie", "aantal", "publiek"),
    "ACT05": ("Activiteiten: leerfunctie", "aantal", "publiek"),
    "ACT06": ("Activiteiten: gemeenschapsvormende functie", "aantal", "publiek"),
    "ACT07": ("Activiteiten: maatschappelijke bewegingsfunctie", "aantal", "publiek"),
    "ORG01": ("Medewerkers (personen)", "aantal", "publiek"),
    "ORG02": ("Medewerkers (VTE)", "vte", "publiek"),
    "ORG03": ("Vrouwen onder de medewerkers", "aantal", "afgeschermd"),
    "ORG06": ("Subsidie", "eur", "publiek"),
    "ORG07": ("Totale inkomsten", "eur", "afgeschermd"),
    "ORG09": ("Eigen inkomsten", "eur", "afgeschermd"),
    "SCI01": ("Functies", "tekst", "publiek"),
}
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def sisca(jaar: int = 2021, werksoort: str | None = None, **filled: list) -> pd.DataFrame:
    """A registration: what organisations a, b, c … filled in per indicator; None is nothing."""
    rows = []
    for indicator, values in filled.items():
        description, unit, level = ABOUT[indicator]
        for kbo, value in zip(LETTERS, values, strict=False):
            if value is None:
                continue
            number, text = (None, value) if unit == "tekst" else (value, None)
            rows.append((jaar, kbo, indicator, description, number, text, unit, level))
    columns = ["jaar", "kbo", *sector.ABOUT[:2], "waarde", "tekst", *sector.ABOUT[2:]]
    table = pd.DataFrame(rows, columns=columns).astype({"waarde": "float64"})
    return table.assign(
        werksoort=werksoort, registratie="SISCA 2.0" if jaar >= 2021 else "SISCA 1.0"
    )


def in_groups(names: str, kind: str = "type") -> pd.DataFrame:
    """Organisations a, b, c …, each in the group with the letter at its place."""
    return pd.DataFrame(
        {kind: list(names)}, index=pd.Index(list(LETTERS[: len(names)]), name="kbo")
    )


def rows_of(table: pd.DataFrame, *columns: str) -> list:
    return table[list(columns)].to_numpy().tolist()


def test_an_access_level_that_is_not_known_counts_as_protected():
    assert not sector.is_shown(pd.Series([1.0] * 4), "iets nieuws")
    assert not sector.is_shown(pd.Series([-5.0, 1, 1, 1, 1]), "afgeschermd")
    assert sector.is_shown(pd.Series([4.0, 1, 1, 1, 1]), "afgeschermd")  # half, not more
    assert not sector.is_shown(pd.Series([], dtype="float64"), "afgeschermd")


def test_the_middle_of_an_even_number_is_that_of_six():
    even = pd.Series([1.0, 2, 3, 5, 7, 11])
    assert sector.middle(even, "publiek") == 4
    assert sector.middle(even, "afgeschermd") == pytest.approx(29 / 6)
    assert np.isnan(sector.middle(pd.Series([1.0, 2, 3, 4]), "afgeschermd"))
    assert np.isnan(sector.middle(pd.Series([], dtype="float64"), "publiek"))


def test_what_is_not_filled_in_is_not_zero():
    table = sector.filled_in(sisca(ACT01=[0, 5, None], ORG07=[0, 5, 7])).set_index("indicator")
    assert rows_of(table, "ingevuld", "niet_ingevuld") == [[2, 1], [3, 0]]
    assert table["nul"]["ACT01"] == 1
    assert pd.isna(table["nul"]["ORG07"])  # one organisation without income: it would be known


def test_indicators_stand_from_staff_to_money():
    table = sector.list_indicators(sisca(ORG07=[1], ACT02=[1], ORG02=[1], ORG01=[1]))
    assert list(table["indicator"]) == ["ORG01", "ORG02", "ACT02", "ORG07"]


def test_one_table_holds_one_year():
    two = pd.concat([sisca(2020, ACT01=[1]), sisca(2021, ACT01=[1])])
    with pytest.raises(SociusError, match="één jaar"):
        sector.wide_values(two)


def test_a_ratio_is_sum_over_sum_of_who_filled_in_both():
    per = Ratio("x", "X", ("ACT02",), ("ACT01",), percent=False)
    # c gave no participations: its 1000 activities do not count; nor is it the mean of 10 and 2.
    table = sisca(ACT01=[1, 9, 1000], ACT02=[10, 18, None])
    assert sector.compute_ratio(table, per) == (pytest.approx(2.8), 2)
    assert np.isnan(sector.compute_ratio(sisca(ACT01=[1]), per)[0])
    assert np.isnan(sector.compute_ratio(sisca(ACT01=[0], ACT02=[0]), per)[0])


def test_a_percentage_is_weighted_by_what_it_is_a_percentage_of():
    digital = next(r for r in sector.RATIOS if r.id == "aandeel.digitaal")
    found, n = sector.compute_ratio(sisca(ACT03=[50, 0], ACT01=[10, 90]), digital)
    assert (found, n) == (pytest.approx(5), 2)


def test_a_ratio_is_coarse_when_it_would_tell_what_one_organisation_filled_in():
    women = Ratio("x", "X", ("ORG03",), ("ORG01",))
    everybody = sisca(ORG01=[10] * 9, ORG03=[6, *[5] * 8])
    assert sector.compute_ratio(everybody, women) == (pytest.approx(100 * 46 / 90), 9)
    # i told its women and not its staff. Exact, 51,25 % of 80 gives the women of the others, and
    # the sum of women less those gives the women of i.
    one = sisca(ORG01=[10] * 8, ORG03=[6, *[5] * 7, 3])
    assert sector.compute_ratio(one, women) == (51, 8)
    # Where even the whole percent tells it nearly, there is no ratio.
    many = sisca(ORG01=[10] * 8, ORG03=[6, *[5] * 7, 9])
    assert np.isnan(sector.compute_ratio(many, women)[0])


def test_shares_of_income_are_over_who_filled_in_every_source_and_add_up():
    income, subsidy = [100] * 6, [40, 40, 40, 40, 50, 50]
    table = sisca(ORG07=income, ORG06=subsidy, ORG09=[30, 30, 30, 30, 30, 10])
    shares = {r.id: sector.compute_ratio(table, r)[0] for r in sector.money_ratios(table)}
    assert list(shares) == ["aandeel.subsidie", "aandeel.eigen", "aandeel.andere"]
    assert list(shares.values()) == pytest.approx([260 / 6, 160 / 6, 30])
    old = sisca(2020, ORG07=income, ORG06=subsidy)
    assert [r.id for r in sector.money_ratios(old)] == ["aandeel.subsidie", "aandeel.andere"]


def test_concentration_tells_zeros_from_inequality_and_the_largest_only_of_what_is_public():
    table = sector.concentration(sisca(ACT01=[0, 0, 2, 2], ORG07=[1] * 6, ACT03=[1, 2]))
    found = table.set_index("indicator")
    assert list(found.index) == ["ACT01", "ORG07"]  # percentages do not add up
    assert found["gini"].tolist() == pytest.approx([0.5, 0])
    assert found["gini_zonder_nul"]["ACT01"] == pytest.approx(0)
    assert found["kleinste_helft_pct"].tolist() == pytest.approx([0, np.nan], nan_ok=True)
    assert found["grootste_pct"].tolist() == pytest.approx([50, np.nan], nan_ok=True)


def test_the_largest_tenth_is_cut_out_of_the_curve_and_not_shown_when_it_is_few():
    ten = pd.Series([1.0] * 9 + [11])
    assert sector.largest_tenth(ten, "publiek") == pytest.approx(55)
    assert sector.largest_tenth(pd.Series([1.0] * 5), "publiek") == pytest.approx(10)
    assert np.isnan(sector.largest_tenth(ten, "afgeschermd"))
    assert sector.largest_tenth(pd.Series([1.0] * 50), "afgeschermd") == pytest.approx(10)


@pytest.mark.parametrize("values", [[], [0.0, 0.0], [-1.0, 2.0]])
def test_nothing_to_share_has_no_gini(values):
    assert np.isnan(sector.gini(pd.Series(values, dtype="float64"), "publiek"))


def test_a_lorenz_curve_shows_each_organisation_so_only_of_what_is_public():
    table = sisca(ACT01=[1, 1, 2], ORG07=[1] * 5)
    curve = sector.lorenz_curves(table, ["ACT01"])
    assert curve["share"].tolist() == pytest.approx([0, 0.25, 0.5, 1])
    with pytest.raises(SociusError, match="afgeschermd"):
        sector.lorenz_curves(table, ["ORG07"])
    tenths = sector.lorenz_tenths(curve)
    assert tenths["deel_organisaties"].tolist() == pytest.approx(list(range(10, 101, 10)))
    assert tenths["Aantal activiteiten"].iloc[[2, 9]].tolist() == pytest.approx([22.5, 100])


ODOO = pd.DataFrame(
    {
        "kbo": ["a", "a", "b", None],
        "erkend": pd.array([False, True, True, True], dtype="boolean"),
        "type": ["thema", "regionaal", "thema", "thema"],
        "werkingsgebied": ["landelijk", "regionaal", "landelijk", "landelijk"],
        "instromer": pd.array([True, False, True, True], dtype="boolean"),
    }
)


def test_groups_are_joined_over_the_kbo_number_and_nobody_is_dropped():
    groups = sector.group_organisations(sisca(ORG02=[4.9, 5, None], ACT01=[1, 1, 1]), ODOO)
    assert rows_of(groups, "grootte", "type", "werkingsgebied", "instromer") == [
        ["minder dan 5 vte", "regionaal", "regionaal", "geen instromer"],  # the recognised row
        ["5 tot 10 vte", "thema", "landelijk", "instromer"],
        ["onbekend", "onbekend", "onbekend", "onbekend"],
    ]


def test_without_odoo_there_is_the_werksoort_and_what_divides_nothing_is_no_group():
    one = sisca(2019, "beweging", ORG02=[1, 1])
    assert list(sector.group_organisations(one, None)) == ["grootte"]
    other = sisca(2019, "vereniging", ORG02=[None, None, 1])
    both = sector.group_organisations(pd.concat([one, other]), None)
    assert both["werksoort"].to_dict() == {"a": "beweging", "b": "beweging", "c": "vereniging"}


def test_a_group_has_its_sum_and_its_share_of_what_was_filled_in():
    table = sisca(ACT01=[1, 2, 3, None], ACT03=[10, 20, 30, 40])
    sums = sector.sum_by_group(table, in_groups("xxyy"))
    columns = ("groep", "organisaties", "n", "som", "aandeel_pct", "midden")
    of_activities = sums[sums["indicator"] == "ACT01"]
    assert rows_of(of_activities, *columns) == [["x", 2, 2, 3, 50, 1.5], ["y", 2, 1, 3, 50, 3]]
    digital = sums[sums["indicator"] == "ACT03"]
    assert digital["som"].isna().all() and digital["midden"].tolist() == [15, 35]


def test_a_hidden_group_does_not_come_back_by_subtraction():
    # x has three, y five, z six: with y shown, x would be the total less y and z.
    table, groups = sisca(ORG07=[1] * 14, ORG06=[1] * 14), in_groups("xxxyyyyyzzzzzz")
    sums = sector.sum_by_group(table, groups).set_index("groep")
    income, public = (sums[sums["indicator"] == code] for code in ("ORG07", "ORG06"))
    assert income["getoond"].to_dict() == {"x": False, "y": False, "z": True}
    for column in ("som", "aandeel_pct", "midden"):
        assert income[column].isna().tolist() == [True, True, False]
    assert public["som"].to_dict() == {"x": 3, "y": 5, "z": 6}
    # The ratio to something public would tell the sum.
    share = Ratio("x", "X", ("ORG06",), ("ORG07",))
    ratios = sector.ratio_by_group(table, groups, share)
    assert ratios["waarde"].tolist() == pytest.approx([np.nan, np.nan, 100], nan_ok=True)
    assert ratios["n"].tolist() == [3, 5, 6]


def test_groups_stand_in_rows_and_indicators_in_columns_with_the_organisations_in_front():
    groups = pd.concat([in_groups("xxy"), in_groups("ppq", "werkingsgebied")], axis=1)
    sums = sector.sum_by_group(sisca(ACT01=[1, 2, 1], ACT02=[8, 1, 1]), groups)
    names = {"ACT02": "deelnames", "ACT01": "activiteiten", "ORG09": "niet gevraagd"}
    shares = sector.group_matrix(sums, names)
    assert list(shares) == ["organisaties", "deelnames", "activiteiten"]
    assert list(shares.index) == ["type: x", "type: y", "werkingsgebied: p", "werkingsgebied: q"]
    assert shares.iloc[0].tolist() == pytest.approx([200 / 3, 90, 75])
    assert sector.group_matrix(sums, names, "midden").iloc[0].tolist() == [2, 4.5, 1.5]


def test_who_has_activities_in_a_function_it_does_not_take_up_is_told():
    functions = {"ACT04": [3, 7, 9], "ACT05": [1, 2, 9], "ACT06": [0] * 3, "ACT07": [0] * 3}
    said = ["cultuurfunctie, leerfunctie", "leerfunctie", None]
    found = sector.functions_taken_up(sisca(SCI01=said, **functions)).set_index("functie")
    assert found.loc["cultuurfunctie"].tolist() == [2, 1, 10, 3]
    assert found.loc["leerfunctie"].tolist() == [2, 2, 3, 3]
    assert len(sector.functions_taken_up(sisca(2020, ACT01=[1]))) == 0


def test_a_profile_of_functions_is_over_who_filled_in_every_function():
    table = sisca(ACT04=[1, 3, 50], ACT05=[1, 1, 50], ACT06=[1, 0, 50], ACT07=[1, 0, None])
    profile = sector.function_profile(table, in_groups("xyy"))
    assert profile.loc["type: y"].tolist() == [75, 25, 0, 0]
    assert profile.loc["type: x"].tolist() == [25, 25, 25, 25]
    assert sector.function_profile(sisca(2020, ACT01=[1]), in_groups("x")).empty


REEKS = pd.concat(
    [
        sisca(2018, ACT01=[10, 20, 40]),
        sisca(2019, ACT01=[20, 40, None, 100]),
        sisca(2020, ACT01=[10, 50, None, 90]),
        sisca(2021, ACT01=[99, 99, None, 99, 99]),
    ]
)


def test_who_joins_or_leaves_is_no_growth_and_nothing_is_compared_across_the_break():
    found = sector.matched_growth(REEKS)
    assert found["n"].tolist() == [3, 3, 3, 4]
    assert found["som"].tolist() == [70, 160, 150, 396]
    assert found["in_beide"].fillna(0).tolist() == [0, 2, 3, 0]
    # 2019: (20 + 40) / (10 + 20), where raw sums say + 129 %. 2021: another registration.
    assert found["groei_pct"].tolist() == pytest.approx([np.nan, 100, -6.25, np.nan], nan_ok=True)
    assert found["index"].tolist() == pytest.approx([100, 200, 187.5, np.nan], nan_ok=True)


def test_a_year_that_is_missing_is_not_jumped_over():
    gap = REEKS[REEKS["jaar"] != 2019]
    assert sector.matched_growth(gap)["groei_pct"].isna().all()
    assert len(sector.count_jumps(gap)) == 0
    asked = pd.concat([REEKS, sisca(2018, ACT02=[1]), sisca(2020, ACT02=[9])])  # not in 2019
    found = sector.matched_growth(asked)
    assert found[found["indicator"] == "ACT02"][["groei_pct", "index"]].isna().all(axis=None)


def test_growth_of_a_protected_indicator_does_not_tell_what_a_newcomer_filled_in():
    stay = [10.0] * 20
    before, after = sisca(2019, ORG07=stay), sisca(2020, ORG07=[*stay[:19], 10.7])
    assert sector.growth_of(pd.concat([before, after])) == pytest.approx(0.35)
    # With exact growth, the sum of 2020 less 1,0035 times that of 2019 is what the new one earned.
    joined = sisca(2020, ORG07=[*stay[:19], 10.7, 8])
    assert sector.growth_of(pd.concat([before, joined])) == pytest.approx(0)
    # Half a percent of 200 is less than a tenth of 20: even a whole percent tells.
    large = sisca(2020, ORG07=[*stay[:19], 10.7, 20])
    assert np.isnan(sector.growth_of(pd.concat([before, large])))


def test_being_in_the_registration_compares_across_the_break():
    found = sector.turnover(REEKS)
    assert found["organisaties"].tolist() == [3, 3, 3, 4]
    counts = rows_of(found[1:], "gebleven", "nieuw", "vertrokken")
    assert counts == [[2, 1, 1], [3, 0, 0], [3, 1, 0]]
    assert found["nieuw"].isna().tolist() == [True, False, False, False]
    assert found["breuk"].fillna("").tolist() == ["", "", "", "SISCA 1.0 werd SISCA 2.0"]


def test_leaps_of_one_organisation_are_counted_between_years_that_compare():
    years = [
        sisca(2019, ACT01=[0, 5, 10, 10, 7], ORG07=[0, 5, 5, 5, 5]),
        sisca(2020, ACT01=[3, 0, 50, 2, 7], ORG07=[1, 5, 5, 5, 5]),
        sisca(2021, ACT01=[0, 9, 0, 99, 700], ORG07=[9, 9, 9, 9, 9]),
    ]
    found = sector.count_jumps(pd.concat(years)).set_index("indicator")
    assert found.loc["ACT01"].iloc[3:].tolist() == [5, 1, 1, 1, 1]
    assert pd.isna(found["van_nul"]["ORG07"])  # one, and protected
    assert found["naar_nul"]["ORG07"] == 0


def test_numbers_that_contradict_each_other_are_counted_where_they_can_be():
    functions = {"ACT04": [1, 1, 1], "ACT05": [1, 1, 1], "ACT06": [1, 1, 1], "ACT07": [1, 1, None]}
    table = sisca(ACT01=[4, 9, 4], ORG01=[5, 5], ORG02=[5, 5.1], **functions)
    found = sector.check_consistency(table).set_index("tegenspraak")
    assert found.loc["de functies samen zijn niet gelijk aan alle activiteiten"].tolist() == [2, 1]
    assert found.loc["meer vte dan medewerkers"].tolist() == [2, 1]
    assert len(found) == 2


def test_a_small_line_per_panel_writes_its_values_and_n_and_stops_at_the_break():
    import matplotlib.pyplot as plt

    data = pd.DataFrame({"jaar": [2020, 2021], "som": [10.0, 20.0], "wat": "Leden"})
    data = data.assign(tekst=["10", "20"], onder=["n = 3", "n = 4"])
    breaks = {2020.5: "andere vraag"}
    axes = plot_panels(data, "jaar", "som", "wat", "T", text="tekst", note="onder", breaks=breaks)
    assert [text.get_text() for text in axes.texts] == ["10", "20"]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["2020\nn = 3", "2021\nn = 4"]
    assert all(len(line.get_xdata()) < 2 for line in axes.lines[:2])
    assert "andere vraag" in axes.figure.texts[-1].get_text()
    plt.close("all")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (999_999, "aantal", "999.999"),
        (7_380_875, "aantal", "7,4\u00a0mln"),
        (151_294_427.72, "eur", "€\u00a0151,3\u00a0mln"),
        (6_509_602, "uur", "6,5\u00a0mln\u00a0uur"),
        (None, "eur", "–"),
    ],
)
def test_a_large_number_beside_a_mark_is_in_millions(value, unit, text):
    assert format_short(value, unit) == text


@pytest.mark.parametrize("jaar", [2020, 2021])
def test_no_figure_of_the_example_is_what_one_organisation_filled_in_behind_the_screen(
    example, jaar
):
    rows = socius.load_table("sisca", jaar, root=example.root)
    secret = set(rows[rows["indicator"].isin(["ORG07", "ORG08", "ORG09", "VRW02"])]["waarde"])
    figures = socius.load_figures(jaar, root=example.root)
    assert not secret & set(figures[figures["id"].str.startswith("sisca.")]["waarde"])


def test_the_notebook_holds_no_amount_of_one_organisation_that_is_protected(example):
    rows = socius.load_table("sisca", 2021, root=example.root)
    secret = rows[rows["indicator"].isin(["ORG07", "ORG08", "ORG09"])]["waarde"]
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    text = re.sub(r'"image/png": "[^"]*"', "", json.dumps([cell.get("outputs") for cell in cells]))
    shown = set(re.findall(r"[\d.,]*\d", text))
    assert not {format_number(value, places) for value in secret for places in (0, 1, 2)} & shown
