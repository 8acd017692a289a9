"""Which organisation a name means, and which registrations are of one person (identity)."""

import re
import secrets

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socius_lib.files import Export
from socius_lib.identity import (
    find_organisations,
    find_persons,
    known_names,
    person_keys,
    proposals_file,
    propose_links,
)
from socius_lib.quality import QualityLog
from socius_lib.sources.beslissingen import read_links

settings.register_profile("the same each run", derandomize=True, deadline=None, database=None)
settings.load_profile("the same each run")

IDENTITY = ["inschrijving_id", "email", "naam", "organisatie_id", "persoon_id"]
NOBODY = pd.DataFrame(columns=IDENTITY)


def table(columns: str, *rows) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=columns.split(), dtype="str")


ORGANISATIES = table(
    "organisatie_id naam alias kbo",
    ("o1", "De Kring vzw", "DK", "0999000129"),
    ("o2", "Het Huis", None, "0999000228"),
    ("o3", "Samen", None, "0999000327"),
    ("o4", "SAMEN!", None, "0999000327"),
)
CONTACTEN = table(
    "email organisatie_id",
    ("an@kring.be", "o1"),
    ("an@kring.be", "o1"),
    ("bo@x.be", "o1"),
    ("bo@x.be", "o2"),
    ("cy@x.be", None),
    (None, "o2"),
)


def links(*rows) -> pd.DataFrame:
    return table("getypte_naam kbo", *rows)


def recognised(email, typed, booker, koppelingen=None) -> tuple:
    """Return the organisation found for one registration, and how."""
    rows = table("email getypte_organisatie", (email, typed))
    booked = pd.Series([booker], dtype="str")
    names = known_names(ORGANISATIES, koppelingen)
    found = find_organisations(rows, CONTACTEN, names, booked).fillna("")
    return found["organisatie_id"][0], found["koppelwijze"][0]


def registrations(*rows, ids=None) -> pd.DataFrame:
    found = table("email naam organisatie_id", *rows)
    return found.assign(inschrijving_id=ids or [f"r{secrets.token_hex(4)}" for _ in rows])


def persons(rows, earlier=NOBODY, former=NOBODY) -> list[str]:
    return find_persons(rows, earlier, former).tolist()


def known(rows, pseudonyms) -> pd.DataFrame:
    """Return the identity table of a run that gave these pseudonyms."""
    return rows.assign(persoon_id=list(pseudonyms))


def test_the_contact_with_that_address_goes_before_the_typed_name_and_the_booker():
    assert recognised("an@kring.be", "Het Huis", "o3") == ("o1", "e-mail")


def test_the_typed_name_or_alias_goes_before_a_link_and_the_booker():
    koppelingen = links(("Het Huis", "0999000129"))
    assert recognised("zz@x.be", "HET HUIS VZW", "o3", koppelingen) == ("o2", "naam")
    assert recognised(None, "D.K.", "o3") == ("o1", "naam")


def test_a_link_that_staff_confirmed_goes_before_the_booker():
    koppelingen = links(("Kringetje", "0999000129"))
    assert recognised(None, "kringetje v.z.w.", "o2", koppelingen) == ("o1", "koppeling")


def test_the_organisation_of_who_booked_is_the_last_resort():
    assert recognised("zz@x.be", "Kringetje", "o2") == ("o2", "boeker")
    assert recognised(None, None, "o2") == ("o2", "boeker")


def test_an_unknown_organisation_is_said_to_be_unknown():
    assert recognised("zz@x.be", "Kringetje", None) == ("", "onbekend")
    assert recognised(None, None, None) == ("", "onbekend")


def test_an_address_of_contacts_of_two_organisations_or_of_none_tells_nothing():
    assert recognised("bo@x.be", None, None) == ("", "onbekend")
    assert recognised("cy@x.be", "Het Huis", None) == ("o2", "naam")


def test_a_name_of_two_organisations_tells_nothing_but_a_link_may():
    assert recognised(None, "samen", None) == ("", "onbekend")
    koppelingen = links(("samen", "0999000129"))
    assert recognised(None, "Samen", None, koppelingen) == ("o1", "koppeling")


@pytest.mark.parametrize("kbo", ["0999000327", "0999000426"])
def test_a_link_to_a_kbo_number_of_two_organisations_or_of_none_tells_nothing(kbo):
    assert recognised(None, "Kringetje", None, links(("Kringetje", kbo))) == ("", "onbekend")


def test_every_registration_is_kept_in_its_place():
    rows = table(
        "email getypte_organisatie", (None, "Het Huis"), ("an@kring.be", None), (None, "?")
    )
    rows.index = [7, 3, 5]
    booked = pd.Series([None, None, None], index=rows.index, dtype="str")
    found = find_organisations(rows, CONTACTEN, known_names(ORGANISATIES, None), booked)
    assert found["organisatie_id"].fillna("").to_dict() == {7: "o2", 3: "o1", 5: ""}
    assert "organisatie_id" not in rows


def proposals(*names) -> pd.DataFrame:
    rows = [("event.registration", name, "a.csv", at) for at, name in enumerate(names, start=2)]
    return propose_links(
        pd.DataFrame(rows, columns=["bron", "naam", "bestand", "rij"]), ORGANISATIES
    )


def test_a_near_name_is_proposed_with_its_likeness_but_recognises_nothing():
    assert recognised(None, "Het Huys", None) == ("", "onbekend")
    (near,) = proposals("Het Huys").to_dict("records")
    assert (near["voorstel"], near["kbo"], near["rij"]) == ("Het Huis", "0999000228", 2)
    assert 80 <= near["gelijkenis"] < 100


def test_a_name_that_looks_like_none_is_listed_without_a_proposal():
    (far,) = proposals("Zwemclub Dendermonde").to_dict("records")
    assert far["getypte_naam"] == "Zwemclub Dendermonde"
    assert [far["voorstel"], far["kbo"], far["gelijkenis"]] == [None, None, None]


def test_spellings_that_are_equal_by_rule_are_one_proposal():
    found = proposals("Het Huys", "Zwemclub", "HET HÚYS vzw")
    assert found[["getypte_naam", "keer", "rij"]].to_numpy().tolist() == [
        ["Het Huys", 2, 2],
        ["Zwemclub", 1, 3],
    ]


def test_a_proposal_becomes_a_link_only_where_somebody_confirmed_it(tmp_path):
    listing = proposals_file(proposals("Het Huys", "De Krinc vzw"))
    assert listing["KBO-nummer"].tolist() == ["0999.000.129", "0999.000.228"]
    assert (listing["bevestigd door"] == "").all()
    listing.loc[listing["naam zoals getypt"] == "Het Huys", "bevestigd door"] = "AB"
    path = tmp_path / "koppelingen.csv"
    listing.to_csv(path, sep=";", index=False, encoding="cp1252")
    log = QualityLog()
    koppelingen = read_links([Export(path, path.name)], log)
    assert recognised(None, "het huys", None, koppelingen) == ("o2", "koppeling")
    assert recognised(None, "de krinc vzw", None, koppelingen) == ("", "onbekend")
    assert (log.files[0].rows_in, log.files[0].rows_not_counted) == (2, 1)


def test_registrations_with_one_address_are_of_one_person():
    one, two, other = persons(
        registrations(("an@x.be", "An", "o1"), ("an@x.be", "A. P.", "o2"), ("bo@x.be", "Bo", "o1"))
    )
    assert one == two != other


def test_one_name_within_one_organisation_is_one_person_in_any_spelling():
    one, two, elsewhere = persons(
        registrations((None, "Zoë De Smet", "o1"), (None, "DE SMET,  Zoe", "o1"), (None, "Zoë De Smet", "o2"))
    )  # fmt: skip
    assert one == two != elsewhere


def test_one_name_without_an_organisation_is_not_one_person():
    assert len(set(persons(registrations((None, "An", None), (None, "An", None))))) == 2


def test_a_shared_mailbox_identifies_nobody():
    one, two, same = persons(
        registrations(("info@x.be", "An", "o1"), ("info@x.be", "Bo", "o1"), ("info@x.be", "AN", "o1"))
    )  # fmt: skip
    assert one == same != two
    assert len(set(persons(registrations(*[("team@x.be", None, "o1")] * 3)))) == 3


def test_registrations_that_share_something_over_others_are_of_one_person():
    rows = registrations(
        ("an@x.be", "An", "o1"), ("bo@x.be", "Bo", "o1"), ("an@y.be", "An", "o1"), ("an@y.be", "A", "o2")
    )  # fmt: skip
    first, other, second, third = persons(rows)
    assert first == second == third != other
    bridged = pd.concat([rows, registrations(("an@y.be", "Bo", "o1"))], ignore_index=True)
    assert len(set(persons(bridged))) == 1


def test_a_name_of_signs_only_is_no_name():
    assert person_keys(registrations(("info@x.be", "--", "o1"))) == [[]]


ROWS = st.tuples(
    st.sampled_from(["a@x.be", "b@x.be", "c@x.be", "info@x.be", None]),
    st.sampled_from(["An", "Bo", None]),
    st.sampled_from(["o1", "o2", None]),
)


def share(one, two) -> bool:
    mail = one[0] == two[0] and one[0] not in (None, "info@x.be")
    return mail or (one[1:] == two[1:] and None not in one[1:])


@given(st.lists(ROWS, max_size=8))
def test_persons_are_the_groups_that_sharing_makes(rows):
    group = list(range(len(rows)))
    for _ in rows:
        for one in range(len(rows)):
            for two in range(len(rows)):
                if share(rows[one], rows[two]):
                    group[one] = group[two] = min(group[one], group[two])
    found = persons(registrations(*rows))
    assert [found.index(person) for person in found] == [group.index(number) for number in group]


def test_a_pseudonym_stays_when_a_year_is_run_again_in_another_order_with_a_new_row():
    rows = registrations(("an@x.be", "An", "o1"), ("bo@x.be", "Bo", "o1"), (None, "Cy", "o2"))
    first = persons(rows)
    more = pd.concat([registrations(("di@x.be", "Di", "o2")), rows[::-1]], ignore_index=True)
    again = persons(more, former=known(rows, first))
    assert again[1:] == first[::-1]
    assert again[0] not in first


def test_a_pseudonym_stays_over_the_years():
    earlier = known(registrations(("an@x.be", "An", "o1"), ("bo@x.be", "Bo", "o2")), ["p1", "p2"])
    rows = registrations(("bo@y.be", "Bo", "o2"), ("an@x.be", "Ann", None), ("cy@x.be", "Cy", "o2"))
    bo, an, cy = persons(rows, earlier)
    assert (bo, an) == ("p2", "p1")
    assert cy not in ("p1", "p2")


def test_when_two_known_persons_prove_one_the_oldest_pseudonym_holds():
    earlier = known(registrations(("an@x.be", "An", "o1"), ("an@y.be", "Anna", "o1")), ["p1", "p2"])
    rows = registrations(("an@y.be", "An", "o1"), ("an@y.be", None, None))
    assert persons(rows, earlier) == ["p1", "p1"]


def test_a_registration_by_which_nobody_is_known_keeps_its_pseudonym_in_the_next_run():
    rows = registrations(
        ("info@kring.be", None, None), ("info@huis.be", None, None), ids=["a", "b"]
    )
    former = known(rows, ["p1", "p2"])
    again = registrations(
        ("info@huis.be", None, None), ("info@kring.be", None, None), ids=["b", "a"]
    )
    assert persons(again, former=former) == ["p2", "p1"]
    assert set(persons(again, earlier=former)).isdisjoint({"p1", "p2"})


def test_a_confirmed_link_for_a_name_of_signs_only_recognises_nothing():
    assert recognised(None, None, None, links(("-", "0999000129"))) == ("", "onbekend")


def test_the_legal_form_does_not_make_two_names_less_alike():
    found = proposals("De Krinc").iloc[0]
    assert found["voorstel"] == "De Kring vzw" and found["gelijkenis"] < 100


def test_an_earlier_year_goes_before_the_former_run():
    rows = registrations(("an@x.be", "An", "o1"))
    assert persons(rows, known(rows, ["p1"]), known(rows, ["p9"])) == ["p1"]


def test_two_persons_never_get_one_pseudonym_back():
    rows = registrations(("an@x.be", "An", "o1"), ("bo@x.be", "Bo", "o1"))
    one, two = persons(rows, former=known(rows, ["p1", "p1"]))
    assert one == "p1" != two
    earlier = known(registrations(("cy@x.be", "Cy", "o1")), ["p1"])
    assert "p1" not in persons(rows, earlier, known(rows, ["p1", "p1"]))


def test_a_pseudonym_cannot_be_worked_out_from_the_person():
    rows = registrations(("an@x.be", "An", "o1"), ("bo@x.be", "Bo", "o1"))
    first, second = persons(rows), persons(rows)
    assert not set(first) & set(second)
    assert all(re.fullmatch(r"p[0-9a-f]{12}", person) for person in first)
