"""SISCA: growth of the same organisations, breaks, and giving no organisation away."""

import math

import pandas as pd
import pytest

from socius_lib import SociusError, sector


def sisca(*rows, registratie="SISCA 2.0", toegangsniveau="publiek") -> pd.DataFrame:
    """Rows of one indicator: year, organisation, value."""
    frame = pd.DataFrame(rows, columns=["jaar", "kbo", "waarde"])
    return frame.assign(
        indicator="ACT01",
        omschrijving="Aantal activiteiten",
        eenheid="aantal",
        module="Activiteiten",
        toegangsniveau=toegangsniveau,
        registratie=registratie,
    )


def test_growth_is_that_of_who_filled_in_in_both_years():
    rows = sisca((2020, "a", 100.0), (2021, "a", 110.0), (2020, "gone", 50.0), (2021, "new", 900.0))
    assert sector.growth_of(rows) == pytest.approx(10)


def test_a_missing_value_is_not_zero_and_takes_no_part_in_growth():
    rows = sisca((2020, "a", 100.0), (2021, "a", 110.0), (2020, "b", 50.0), (2021, "b", None))
    assert sector.growth_of(rows) == pytest.approx(10)


def test_without_anybody_in_both_years_there_is_no_growth():
    assert math.isnan(sector.growth_of(sisca((2020, "a", 1.0), (2021, "b", 2.0))))


def test_growth_across_the_break_of_the_registration_is_refused():
    before = sisca((2020, "a", 100.0), registratie="SISCA 1.0")
    with pytest.raises(SociusError, match="breuk"):
        sector.growth_of(pd.concat([before, sisca((2021, "a", 110.0))]))


def test_the_break_and_a_missing_year_are_named():
    old = sisca((2018, "a", 1.0), (2020, "a", 1.0), registratie="SISCA 1.0")
    found = sector.breaks_of(pd.concat([old, sisca((2021, "a", 1.0))]))
    assert found == {2020: "2019 ontbreekt", 2021: "SISCA 1.0 werd SISCA 2.0"}


def test_a_protected_number_of_few_or_of_one_that_has_most_of_it_is_not_shown():
    even = pd.Series([10.0] * 6)
    assert sector.is_shown(even, "publiek") and sector.is_shown(even, "afgeschermd")
    assert not sector.is_shown(even[:4], "afgeschermd")
    assert not sector.is_shown(pd.Series([100.0, 1, 1, 1, 1, 1]), "afgeschermd")
    assert sector.is_shown(pd.Series([100.0, 1, 1]), "publiek")


def test_the_middle_of_a_protected_indicator_is_no_organisation_s_own_value():
    values = pd.Series([1.0, 2, 3, 50, 60, 70, 80])
    assert sector.middle(values, "publiek") == 50
    assert sector.middle(values, "afgeschermd") == pytest.approx((2 + 3 + 50 + 60 + 70) / 5)


def test_the_gini_counts_who_has_nothing():
    assert sector.gini(pd.Series([5.0, 5, 5, 5, 5]), "publiek") == pytest.approx(0)
    assert sector.gini(pd.Series([0.0, 0, 0, 0, 5]), "publiek") > 0.7
