"""One organisation beside the others: places, quartiles, what is withheld, who is meant."""

import math

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from socius_lib import SociusError, organisation, sector
from socius_lib.links import cite
from socius_lib.organisation import ALL, Measures, benchmark, find_place, is_shown_to_members
from socius_lib.plots import plot_places
from socius_lib.recognised import find_organisation, recognised

PUBLIC, PROTECTED = "publiek", "afgeschermd"
NOTHING = (math.nan, math.nan, math.nan)


def numbers(*values: float) -> pd.Series:
    return pd.Series(values, index=[f"o{at}" for at in range(len(values))], dtype=float)


def measures(values: pd.Series, level: str, unit: str = "aantal") -> Measures:
    about = pd.DataFrame([("M", "Maat", unit, level)], columns=sector.ABOUT)
    return Measures(values.to_frame("M"), about)


def beside_all(values: pd.Series, level: str, code: str) -> pd.Series:
    (row,) = organisation.beside(measures(values, level), {ALL: values.index}, code).iloc
    return row


def sisca(*rows, registratie: str = "SISCA 2.0") -> pd.DataFrame:
    """Rows of a registration: year, organisation, indicator, value."""
    frame = pd.DataFrame(rows, columns=["jaar", "kbo", "indicator", "waarde"])
    protected = frame["indicator"].isin(["ORG03", "ORG07", "ORG08"])
    return frame.assign(
        omschrijving=frame["indicator"],
        eenheid="aantal",
        toegangsniveau=protected.map({True: PROTECTED, False: PUBLIC}),
        registratie=registratie,
        werksoort=None,
    )


# Quartiles and what is withheld


def test_of_five_public_values_the_quartiles_are_the_second_third_and_fourth():
    assert benchmark(numbers(50, 10, 40, 20, 30), PUBLIC) == (20, 30, 40)


def test_of_fewer_than_five_organisations_nothing_is_compared_public_or_not():
    for level in (PUBLIC, PROTECTED):
        assert np.isnan(benchmark(numbers(10, 20, 30, 40), level)).all()
        assert np.isnan(benchmark(numbers(10, 20, 30, 40, math.nan), level)).all()


def test_a_reader_who_takes_off_his_own_protected_value_has_at_least_five_left():
    assert not is_shown_to_members(numbers(1, 1, 1, 1, 1), PROTECTED)
    assert is_shown_to_members(numbers(1, 1, 1, 1, 1, 1), PROTECTED)


def test_no_other_has_more_than_half_of_what_a_reader_does_not_know():
    """Without the 90 of who reads it, 100 is half of the 200 that are left, and 101 is more."""
    rest = (20, 20, 20, 20, 20)
    assert sector.is_shown(numbers(101, 90, *rest), PROTECTED)
    assert is_shown_to_members(numbers(100, 90, *rest), PROTECTED)
    assert not is_shown_to_members(numbers(101, 90, *rest), PROTECTED)
    assert is_shown_to_members(numbers(101, 90, *rest), PUBLIC)


@pytest.mark.parametrize("largest", [30, 60, 100, 101, 140])
def test_what_is_shown_is_safe_with_any_one_reader_taken_off(largest):
    values = numbers(largest, 90, 40, 25, 15, 15, 5, 0)
    each = [sector.is_shown(values.drop(reader), PROTECTED) for reader in values.index]
    assert is_shown_to_members(values, PROTECTED) == all(each)


def test_an_access_level_that_is_not_known_counts_as_protected():
    assert not is_shown_to_members(numbers(1, 1, 1, 1, 1), "onbekend")


def test_a_quartile_of_protected_values_is_the_mean_of_five():
    """Of 100 to 119 the fourth to eighth are 103 to 107; the middle six 107 to 112."""
    values = numbers(*range(100, 120))
    assert benchmark(values, PROTECTED) == (105, 109.5, 114)
    assert benchmark(-values, PROTECTED) == (-114, -109.5, -105)


def test_of_fewer_than_twenty_protected_values_there_is_a_middle_and_no_quartile():
    low, middle, high = benchmark(numbers(*range(100, 119)), PROTECTED)
    assert middle == 109 and math.isnan(low) and math.isnan(high)


def test_a_report_tells_its_own_protected_value_and_no_other_one():
    values = numbers(*(1000 * at**2 + 37 for at in range(1, 22)))
    for code in values.index:
        row = beside_all(values, PROTECTED, code)
        told = {value for value in row if isinstance(value, float)}
        assert told & set(values) == {values[code]}
        assert row["eigen_tekst"] == organisation.write_measure(values[code], "aantal")


def test_who_did_not_fill_in_a_withheld_number_sees_nothing_of_it():
    row = beside_all(numbers(7, 8, 9, 10, 11, math.nan), PROTECTED, "o5")
    assert row[["eigen_tekst", "midden_tekst", "helft_tekst", "plaats"]].eq("–").all()
    assert row["n"] == 5


# Places


def test_the_highest_value_is_the_first_and_lies_at_the_top():
    values = numbers(10, 20, 30, 40, 50)
    assert find_place(50, values, (20, 30, 40), PUBLIC) == (80, 100, "1e van 5")
    assert find_place(10, values, (20, 30, 40), PUBLIC) == (0, 20, "5e van 5")


def test_equal_values_share_a_place():
    values = numbers(0, 0, 0, 30, 40)
    assert find_place(0, values, (0, 0, 30), PUBLIC) == (0, 60, "gedeeld 3e van 5")


def test_a_place_among_protected_values_says_no_more_than_what_is_shown():
    values, bounds = numbers(*range(100, 120)), (105, 109.5, 114)
    said = {own: find_place(own, values, bounds, PROTECTED) for own in values}
    assert {said[own] for own in range(115, 120)} == {(75, 100, "hoogste kwart")}
    assert {said[own] for own in range(100, 105)} == {(0, 25, "laagste kwart")}
    assert said[109] == (25, 50, "tweede kwart") and said[110] == (50, 75, "derde kwart")
    assert said[105] == (0, 50, "laagste helft"), "what equals a bound lies at either side of it"


def test_with_a_middle_only_a_protected_place_is_a_half():
    bounds = (math.nan, 109, math.nan)
    assert find_place(118, numbers(118), bounds, PROTECTED) == (50, 100, "hoogste helft")
    assert find_place(109, numbers(109), bounds, PROTECTED) == (0, 100, "zoals het midden")


def test_every_protected_place_has_its_words():
    for bounds in ((1, 2, 3), (2, 2, 2), (1, 1, 3), (1, 3, 3), (math.nan, 2, math.nan)):
        for own in (0, 1, 1.5, 2, 2.5, 3, 4):
            assert find_place(own, numbers(own), bounds, PROTECTED)[2]


def test_a_missing_value_is_no_zero_and_has_no_place():
    row = beside_all(numbers(10, 20, 30, 40, 50, math.nan), PUBLIC, "o5")
    assert (row["n"], row["midden"], row["plaats"]) == (5, 30, "–")
    assert math.isnan(row["eigen"]) and math.isnan(row["van"])


def test_without_a_comparison_there_is_no_place():
    assert find_place(5, numbers(5), NOTHING, PUBLIC)[2] == "–"


def test_only_what_lies_wholly_in_a_quarter_stands_out():
    rows = pd.DataFrame(
        {"van": [75, 90, 74, 0, 0, 10], "tot": [100, 95, 90, 60, 25, 20]}, index=list("abcdef")
    )
    high, low = organisation.stands_out(rows)
    assert list(high.index) == ["b", "a"] and list(low.index) == ["f", "e"]


# Measures


def test_a_ratio_needs_every_indicator_and_a_whole_that_is_not_0():
    rows = sisca(
        (2021, "a", "ACT01", 30.0), (2021, "a", "ORG02", 4.0),
        (2021, "b", "ACT01", 30.0), (2021, "b", "ORG02", 0.0),
        (2021, "c", "ACT01", 30.0),
    )  # fmt: skip
    found = organisation.ratios(rows)
    per_vte = found.wide["verhouding.activiteiten_per_vte"]
    assert per_vte["a"] == 7.5 and per_vte[["b", "c"]].isna().all()


def test_a_ratio_is_protected_when_one_of_its_indicators_is():
    rows = sisca(
        (2021, "a", "ORG01", 10.0), (2021, "a", "ORG02", 5.0), (2021, "a", "ORG03", 6.0),
    )  # fmt: skip
    about = organisation.ratios(rows).about.set_index("indicator")["toegangsniveau"]
    assert about["aandeel.vrouwen"] == PROTECTED
    assert about["verhouding.vte_per_medewerker"] == PUBLIC


def test_growth_is_of_who_filled_in_both_years_and_not_0_in_the_first():
    rows = sisca(
        (2019, "a", "ACT01", 100.0), (2020, "a", "ACT01", 150.0), (2019, "b", "ACT01", 0.0),
        (2020, "b", "ACT01", 9.0), (2020, "c", "ACT01", 9.0),
    )  # fmt: skip
    found = organisation.growth(rows, 2020).wide["ACT01"]
    assert found["a"] == pytest.approx(50) and found[["b", "c"]].isna().all()


def test_there_is_no_growth_across_the_break_of_the_registration():
    before = sisca((2020, "a", "ACT01", 100.0), registratie="SISCA 1.0")
    both = pd.concat([before, sisca((2021, "a", "ACT01", 150.0))])
    assert organisation.growth(both, 2021).about.empty
    assert organisation.growth(both, 2020).about.empty


ORGANISATIES = pd.DataFrame(
    {
        "organisatie_id": ["odoo_1", "odoo_2", "odoo_3", "odoo_4"],
        "naam": ["Huis Wijzer", "Beweging Échte Palet", "Forum Knoop", "Andere"],
        "alias": [None, "BEP", None, None],
        "kbo": ["0999000129", "0999000228", None, "0999000327"],
        "gemeente": ["Gent", "Genk", None, "Geel"],
        "type": ["thema", "thema", None, None],
        "erkend": pd.array([True, True, True, False], dtype="boolean"),
    }
)
DEELNAMES = pd.DataFrame(
    {
        "organisatie_id": ["odoo_1", "odoo_1", "odoo_1", "odoo_4"],
        "persoon_id": ["p1", "p1", "p2", "p9"],
        "activiteit_id": ["x", "y", "x", "x"],
    }
)
VRAGEN = pd.DataFrame(
    {
        "organisatie_id": ["odoo_2", "odoo_2", "odoo_2"],
        "telt_mee": [True, True, False],
        "gerealiseerd": [True, False, True],
    }
)


def test_who_did_not_take_part_has_0_and_who_is_not_recognised_is_not_there():
    wide = organisation.taking_part(recognised(ORGANISATIES), DEELNAMES, VRAGEN).wide
    assert wide.loc["0999000129"].tolist() == [3, 2, 2, 0, 0]
    assert wide.loc["0999000228"].tolist() == [0, 0, 0, 2, 1]
    assert wide.loc["odoo_3"].tolist() == [0, 0, 0, 0, 0]
    assert len(wide) == 3


def test_a_year_without_the_export_has_missing_numbers_and_no_0():
    wide = organisation.taking_part(recognised(ORGANISATIES), DEELNAMES, VRAGEN[:0]).wide
    assert wide["vragen"].isna().all() and wide["deelnames"].tolist() == [0, 0, 3]


def test_an_organisation_is_compared_with_all_and_with_its_first_two_known_groups():
    groups = pd.DataFrame(
        {
            "grootte": ["onbekend", "klein", "klein"],
            "werksoort": ["vereniging"] * 3,
            "type": ["thema", "thema", "regionaal"],
        },
        index=list("abc"),
    )
    found = organisation.own_groups(groups, "a")
    assert {name: list(members) for name, members in found.items()} == {
        ALL: ["a", "b", "c"],
        "werksoort: vereniging": ["a", "b", "c"],
        "type: thema": ["a", "b"],
    }
    assert list(organisation.own_groups(groups, "b")) == [
        ALL,
        "grootte: klein",
        "werksoort: vereniging",
    ]
    assert list(organisation.own_groups(groups, "elsewhere")) == [ALL]


def test_the_series_has_the_years_that_were_filled_in_each_beside_its_own_year():
    rows = [(2019, kbo, "ACT01", 10.0) for kbo in "abcde"]
    rows += [(2020, kbo, "ACT01", 30.0) for kbo in "bcdef"]
    rows += [(2021, kbo, "ACT01", 20.0) for kbo in "abcde"]
    found = organisation.own_series(sisca(*rows), "a")
    assert found[["jaar", "eigen", "midden"]].to_numpy().tolist() == [
        [2019, 10, 10],
        [2021, 20, 20],
    ]
    assert organisation.own_series(sisca(*rows), "elsewhere").empty


# How it reads


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1234.5, "aantal", "1.235"), (7.0, "aantal", "7"), (7.24, "aantal", "7,2"),
        (0.744, "aantal", "0,74"), (7.0, "vte", "7,0\u00a0vte"), (0.5, "%", "0,5\u00a0%"),
        (0, "%", "0\u00a0%"), (math.nan, "eur", "–"),
    ],
)  # fmt: skip
def test_a_number_has_as_many_decimals_as_tell_something(value, unit, text):
    assert organisation.write_measure(value, unit) == text


def test_a_table_has_a_row_per_measure_with_middle_and_place_per_group():
    values = numbers(10, 20, 30, 40, 50, 60)
    groups = {ALL: values.index, "type: thema": values.index[:5]}
    shown = organisation.show_beside(
        organisation.beside(measures(values, PUBLIC, "vte"), groups, "o0"), "Titel"
    )
    assert shown.headers == (
        "Cijfer", "Jullie", f"Midden, {ALL}", "Middelste helft", f"Plaats, {ALL}",
        "Midden, type: thema", "Plaats, type: thema",
    )  # fmt: skip
    mine = (
        "10,0\u00a0vte",
        "35,0\u00a0vte",
        "22,5 tot 47,5",
        "6e van 6",
        "30,0\u00a0vte",
        "5e van 5",
    )
    assert shown.rows == (("Maat", *mine),)


def test_the_middle_of_all_leads_to_its_definition_where_it_is_the_figure():
    values = numbers(10, 20, 30, 40, 50, 60)
    groups = {ALL: values.index, "type: thema": values.index}
    rows = organisation.beside(measures(values, PUBLIC, "vte"), groups, "o0")
    name = f"sisca.{rows['indicator'].iloc[0]}.mediaan"

    def middles(figure: float) -> list[str]:
        figures = pd.DataFrame({"id": [name], "waarde": [figure]})
        [row] = organisation.show_beside(rows, "Titel", figures).rows
        return [row[2], row[5]]

    written = "35,0\u00a0vte"
    assert middles(35.0) == [cite(written, name), written]
    assert middles(34.0) == [written, written]


def test_a_picture_of_places_draws_how_far_each_is_told():
    data = pd.DataFrame({"wat": ["a", "b"], "van": [75, 10], "tot": [100, 12], "noot": ["x", "y"]})
    axes = plot_places(data, "van", "tot", "wat", "Titel", note="noot")
    bars = [segment[:, 0].tolist() for segment in axes.collections[0].get_segments()]
    assert bars == [[75, 100], [10, 12]]
    assert [text.get_text() for text in axes.texts] == ["x", "y"]
    plt.close("all")


# Who is meant


def test_the_recognised_organisations_come_by_name_with_the_number_that_names_their_report():
    found = [(one.code, one.naam) for one in recognised(ORGANISATIES)]
    assert found == [
        ("0999000228", "Beweging Échte Palet"),
        ("odoo_3", "Forum Knoop"),
        ("0999000129", "Huis Wijzer"),
    ]


def test_two_organisations_with_one_number_are_called_by_their_id():
    double = ORGANISATIES.assign(kbo="0999000129")
    assert {one.code for one in recognised(double)} == {"odoo_1", "odoo_2", "odoo_3"}


@pytest.mark.parametrize(
    "said",
    ["0999000228", "BE 0999.000.228", "999000228", "odoo_2", "beweging echte palet vzw", "bep"],
)
def test_a_number_an_id_or_a_name_in_any_written_form_means_the_organisation(said):
    assert find_organisation(ORGANISATIES, said).organisatie_id == "odoo_2"


def test_a_name_that_staff_confirmed_means_the_organisation():
    links = pd.DataFrame({"getypte_naam": ["Paletters"], "kbo": ["0999000228"]})
    assert find_organisation(ORGANISATIES, "paletters", links).organisatie_id == "odoo_2"


def test_an_unknown_organisation_is_refused_with_the_nearest():
    with pytest.raises(SociusError, match="Bedoel je 'Forum Knoop'"):
        find_organisation(ORGANISATIES, "Forum Knop")
    with pytest.raises(SociusError, match="Bedoel je '0999000129'"):
        find_organisation(ORGANISATIES, "099900129")


def test_an_organisation_that_is_not_recognised_has_no_report():
    with pytest.raises(SociusError, match="niet erkend"):
        find_organisation(ORGANISATIES, "0999000327")


def test_every_recognised_organisation_of_the_example_is_found_by_what_names_its_report(example):
    from socius_lib import load_table

    organisaties = load_table("organisaties", 2021, root=example.root)
    there = recognised(organisaties)
    assert len(there) == 131 and len({one.code for one in there}) == 131
    for one in there[::20]:
        assert find_organisation(organisaties, one.code) == one
        assert find_organisation(organisaties, one.naam) == one
