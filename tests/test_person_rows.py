"""A row per person with a token: no more than the table tells, and nobody whose past is his own."""

import pandas as pd
import pytest

from socius_lib import SociusError
from socius_lib.disclosure import Count, CountRows, Release, level, make_plan, read_tables, register
from socius_lib.disclosure.registration import SHARE_TO
from socius_lib.sharing.person_rows import earlier_groups, person_rows, refuse_rows

PARTNER = level("partner")


@pytest.fixture
def registered(tmp_path, monkeypatch):
    def registers(rows, measures=None):
        folder = tmp_path / f"tabellen{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        monkeypatch.setenv(SHARE_TO, str(folder))
        measures = measures or {"personen": Count("persoon_id")}
        register("wie", rows, by=["groep"], measures=measures, title="Wie", rows_too=True)
        monkeypatch.delenv(SHARE_TO)
        return read_tables(folder)

    return registers


def people(**groups: str) -> pd.DataFrame:
    """Persons named by one letter, in each group."""
    rows = [(group, person) for group, persons in groups.items() for person in persons]
    return pd.DataFrame(rows, columns=["groep", "persoon_id"])


def test_a_group_has_as_many_rows_as_its_table_says_and_a_withheld_one_none(registered):
    tables = registered(people(groot="abcdefghij", klein="kl", midden="mnopqrs"))
    plan = make_plan(tables, PARTNER)
    rows = person_rows(tables, plan.shown, PARTNER)["wie"]
    assert set(rows["groep"]) == {"groot"} and set(rows["persoon_id"]) == set("abcdefghij")


def test_somebody_whose_past_few_share_has_no_row(registered):
    # Of the six of b, two come from a small part of a: tokens that come back would tell them apart.
    before = registered(people(a="abcdefgh", b="mnopqrst"))
    shown = {"wie": frozenset(make_plan(before, PARTNER).shown["wie"])}
    release = Release(
        "2020-a", 2020, "partner", "KU", "doel", "1", "2021-01-01", tuple(before), shown
    )
    now = registered(people(a="abcdef", b="ghmnopq"))
    plan = make_plan(now, PARTNER)
    kept = person_rows(now, plan.shown, PARTNER, earlier_groups([release], "KU"))["wie"]
    assert set(kept["persoon_id"]) == set("abcdef") | set("mnopq")
    other = person_rows(now, plan.shown, PARTNER, earlier_groups([release], "VUB"))["wie"]
    assert set(other["persoon_id"]) == set("abcdef") | set("ghmnopq")


def test_a_table_in_which_somebody_is_in_two_groups_has_no_rows(registered):
    tables = registered(people(a="abcdef", b="fghijk"))
    with pytest.raises(SociusError, match="twee groepen"):
        person_rows(tables, make_plan(tables, PARTNER).shown, PARTNER)


def test_a_table_that_counts_participations_has_no_rows(registered):
    tables = registered(people(a="abcdef"), {"deelnames": CountRows("persoon_id")})
    with pytest.raises(SociusError, match="niet alleen personen"):
        person_rows(tables, make_plan(tables, PARTNER).shown, PARTNER)


@pytest.mark.parametrize(
    "rows", [people(a="abcdefg"), people(a="abcde", b="f"), people(a="abcdd"), people(c="a")]
)
def test_rows_that_say_more_than_their_table_are_refused(rows):
    told = pd.DataFrame({"groep": ["a", "b", "totaal"], "personen": ["6", "", "9"]})
    refuse_rows(people(a="abcdef"), told, ["groep"], "personen")
    with pytest.raises(SociusError, match="meer dan hun tabel"):
        refuse_rows(rows, told, ["groep"], "personen")
