"""The log of meetings: what is counted, and the network of staff, actors and themes."""

import pandas as pd
import pytest

from socius_lib import meetings


def log(*rows: tuple) -> pd.DataFrame:
    """A log in which every row took place; the last column says otherwise where it is given."""
    columns = ["actor", "categorie", "thema", "medewerkers", "duur_minuten", "initiatief"]
    table = pd.DataFrame([row[:6] for row in rows], columns=columns)
    counts = [row[6] if len(row) > 6 else True for row in rows]
    return table.assign(telt_mee=counts, bestand="logboek.xlsx", rij=range(2, len(rows) + 2))


OWN, ASKED = "eigen initiatief", "op vraag"
FIVE = log(
    ("Kabinet Aspe", "Beleid", "Decreet", "AB, CD", 60, OWN),
    ("Kabinet Aspe", "Beleid", "Decreet", "AB", 90, ASKED),
    ("Kabinet Aspe", "Beleid", "Kader", "CD", 30, ASKED),
    ("Koepel Roos", "Onderzoek", "Kader", "AB", None, None),
    ("Koepel Roos", "Onderzoek", "Kader", "EF", 500, OWN, False),
)


def test_each_one_present_gives_a_row_and_a_meeting_that_was_called_off_none():
    each = meetings.present_staff(FIVE)
    assert list(each["medewerker"]) == ["AB", "CD", "AB", "CD", "AB"]


def test_a_meeting_without_staff_keeps_its_row():
    each = meetings.present_staff(log(("Koepel Roos", "Onderzoek", "Kader", None, 60, OWN)))
    assert len(each) == 1 and each["medewerker"].isna().all()


def test_staff_time_is_duration_times_those_present():
    assert meetings.staff_minutes(FIVE) == 2 * 60 + 90 + 30


def test_staff_time_leaves_out_a_meeting_without_staff_or_duration():
    nobody = log(("Koepel Roos", "Onderzoek", "Kader", None, 60, OWN))
    assert meetings.staff_minutes(nobody) == 0


def test_meetings_per_category_count_actors_initiative_and_time():
    counted = meetings.count_meetings(FIVE, "categorie").set_index("categorie")
    assert list(counted.index) == ["Beleid", "Onderzoek"]
    assert counted.loc["Beleid"].to_dict() == {
        "momenten": 3, "actoren": 1, "eigen_initiatief": 1, "op_vraag": 2,
        "duur_minuten": 180, "inzet_minuten": 240,
    }  # fmt: skip
    assert counted.loc["Onderzoek", ["eigen_initiatief", "op_vraag"]].sum() == 0


def test_a_meeting_without_theme_is_counted_as_not_filled_in():
    table = log(("Koepel Roos", "Onderzoek", None, "AB", 60, OWN))
    assert list(meetings.count_meetings(table, "thema")["thema"]) == [meetings.MISSING]


def test_a_tie_is_one_however_often_they_met_and_tells_how_often():
    ties = meetings.ties_between(FIVE, "medewerker", "actor")
    assert ties.to_numpy().tolist() == [
        ["AB", "Kabinet Aspe", 2],
        ["AB", "Koepel Roos", 1],
        ["CD", "Kabinet Aspe", 2],
    ]


def test_several_staff_in_one_meeting_make_one_tie_of_actor_and_theme():
    ties = meetings.ties_between(FIVE, "actor", "thema").set_index(["actor", "thema"])["momenten"]
    assert ties["Kabinet Aspe", "Decreet"] == 2


def test_coverage_is_over_the_other_kind_only():
    nodes = meetings.two_mode_nodes(meetings.ties_between(FIVE, "medewerker", "actor"))
    found = nodes.set_index("naam")
    # Two staff members, two actors: AB met both, CD one of two.
    assert found["dekking"].to_dict() == {
        "AB": 100, "CD": 50, "Kabinet Aspe": 100, "Koepel Roos": 50,
    }  # fmt: skip
    assert list(nodes["soort"]) == ["medewerker"] * 2 + ["actor"] * 2


def test_alone_counts_those_who_have_a_tie_with_nobody_else():
    nodes = meetings.two_mode_nodes(meetings.ties_between(FIVE, "medewerker", "actor"))
    assert nodes.set_index("naam")["alleen"].to_dict() == {
        "AB": 1, "CD": 0, "Kabinet Aspe": 1, "Koepel Roos": 0,
    }  # fmt: skip
    assert meetings.one_contact(FIVE) == 1
    assert meetings.count_staff(FIVE) == 2


def test_density_is_over_the_pairs_of_two_kinds():
    assert meetings.density(meetings.ties_between(FIVE, "medewerker", "actor")) == 75


def test_the_map_has_a_column_per_kind_and_actors_by_category_under_an_empty_line():
    nodes, ties = meetings.network_map(FIVE)
    assert list(nodes["naam"]) == ["AB", "CD", "Kabinet Aspe", "Koepel Roos", "Decreet", "Kader"]
    assert list(nodes["kolom"]) == [0, 0, 1, 1, 2, 2]
    assert list(nodes.loc[nodes["kolom"] == 1, "regel"]) == [1, 3]
    assert ties["gewicht"].sum() == 2 + 1 + 2 + 2 + 1 + 1
    assert nodes["groep"].isna().tolist() == [True, True, False, False, True, True]


def test_an_actor_and_a_theme_of_the_same_name_stay_two_nodes():
    nodes, ties = meetings.network_map(log(("VRT", "Beleid", "VRT", "AB", 60, OWN)))
    assert list(nodes["naam"]) == ["AB", "VRT", "VRT (thema)"]
    assert ties[["van", "naar"]].to_numpy().tolist() == [["AB", "VRT"], ["VRT", "VRT (thema)"]]


def test_a_misspelt_column_tells_the_nearest():
    from socius_lib import SociusError

    with pytest.raises(SociusError, match="'thema'"):
        meetings.count_meetings(FIVE, "themas")
