"""The written forms of numbers, dates, durations, names and KBO numbers (socius_lib.forms)."""

import contextlib
import unicodedata
from datetime import date, datetime, time, timedelta
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socius_lib import forms
from socius_lib.format import format_number
from socius_lib.forms import (
    FormError,
    fold,
    format_kbo,
    is_shared_mailbox,
    organisation_key,
    parse_email,
    parse_hours,
    parse_kbo,
    parse_moment,
    parse_number,
    parse_text,
    parse_whole,
    parse_yes_no,
    person_key,
)

settings.register_profile("the same each run", derandomize=True, deadline=None, database=None)
settings.load_profile("the same each run")

PARSERS = {
    "text": parse_text,
    "number nl": partial(parse_number, style="nl"),
    "number en": partial(parse_number, style="en"),
    "whole nl": partial(parse_whole, style="nl"),
    "whole en": partial(parse_whole, style="en"),
    "moment": parse_moment,
    "hours nl": partial(parse_hours, style="nl"),
    "hours en": partial(parse_hours, style="en"),
    "yes or no": parse_yes_no,
    "kbo": parse_kbo,
    "email": parse_email,
}
CENTS = st.integers(-(10**13), 10**13)
BARE = str.maketrans("éèëïöüçñÉÈËÏÖÜÇÑ", "eeeioucnEEEIOUCN")
NAMES = st.text("abdeghnrstABDEGRéèëïöüçñÉË'- ", min_size=1).filter(str.strip)
EIGHT_DIGITS = st.integers(0, 19_999_999)


def refused(parse, cell, *args):
    with pytest.raises(FormError) as error:
        parse(cell, *args)
    return str(error.value)


def valid_kbo(eight: int) -> str:
    return f"{eight:08d}{97 - eight % 97:02d}"


@pytest.mark.parametrize("parse", PARSERS.values(), ids=PARSERS)
@given(text=st.text() | st.text("0123456789.,-+/:;@ eETuBb€xX\u00a0", max_size=14))
def test_no_text_raises_anything_but_a_form_error(parse, text):
    with contextlib.suppress(FormError):
        parse(text)


@pytest.mark.parametrize("parse", PARSERS.values(), ids=PARSERS)
@pytest.mark.parametrize("cell", [None, "", "  ", "\t\n", "\u00a0", float("nan")])
def test_an_empty_cell_is_none_in_every_form(parse, cell):
    assert parse(cell) is None


def test_zero_and_no_are_not_empty():
    assert parse_number(0, "nl") == parse_number("0", "nl") == 0
    assert parse_hours("0", "en") == 0
    assert parse_yes_no(False) is False
    assert parse_text(0) == "0"


@pytest.mark.parametrize("parse", list(PARSERS.values())[1:], ids=list(PARSERS)[1:])
def test_a_refusal_does_not_tell_the_value(parse):
    assert "peeters" not in refused(parse, "An Peeters 0470").casefold()


@given(CENTS)
def test_a_number_as_the_workbench_writes_it_reads_back(cents):
    assert parse_number(format_number(cents / 100, 2), "nl") == cents / 100


@given(CENTS)
def test_a_number_written_with_spaces_or_a_euro_sign_reads_back(cents):
    spaced = format_number(cents / 100, 2).replace(".", "\u00a0")
    assert parse_number(spaced, "nl") == cents / 100
    assert parse_number(f" € {spaced} ", "nl") == cents / 100
    assert parse_number(spaced.replace("-", "\u2212"), "nl") == cents / 100


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_an_english_number_and_a_number_cell_read_back(number):
    assert parse_number(repr(number), "en") == number
    assert parse_number(number, "nl") == parse_number(number, "en") == number


@given(st.integers(1, 999), st.text("0123456789", min_size=1).filter(lambda part: len(part) != 3))
def test_in_dutch_a_point_that_does_not_group_by_three_is_refused(whole, part):
    refused(parse_number, f"{whole}.{part}", "nl")


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_in_english_a_comma_is_refused(whole, part):
    refused(parse_number, f"{whole},{part}", "en")


@pytest.mark.parametrize(
    "text", ["12.34,5", "1,234.56", "1,2,3", "1.234.56", "12 5", "5,", ",5", "1e3", "een", "-", "€"]
)
def test_what_is_no_dutch_number_is_refused(text):
    assert refused(parse_number, text, "nl") == "is geen getal als 1.234,56"


@pytest.mark.parametrize("text", ["1.234.567", "1 234", "5.", "inf", "nan", "1e999", "0x10", "1_0"])
def test_what_is_no_english_number_is_refused(text):
    refused(parse_number, text, "en")


@pytest.mark.parametrize("cell", [True, False, date(2021, 1, 1), time(6, 30), float("inf")])
def test_a_cell_that_holds_no_number_is_refused(cell):
    refused(parse_number, cell, "nl")


def test_a_whole_number_may_end_in_a_zero_fraction_only():
    assert parse_whole(12.0, "nl") == parse_whole("12,0", "nl") == parse_whole("12.0", "en") == 12
    assert refused(parse_whole, "12,5", "nl") == "is geen geheel getal"
    refused(parse_whole, 12.5, "nl")


def test_a_whole_number_loses_the_point_zero_of_spreadsheets_as_text():
    assert parse_text(8500.0) == "8500"
    assert parse_text(8500.5) == "8500.5"
    assert parse_text("  De\u00a0 Kring\n vzw ") == "De Kring vzw"


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_every_way_to_write_a_date_gives_the_same_day(day):
    padded = f"{day.day:02d}/{day.month:02d}/{day.year}"
    written = [day, f"{day.day}/{day.month}/{day.year}", padded, padded.replace("/", "-")]
    written += [day.isoformat(), f" {day.isoformat()} ", f"{day.isoformat()} 00:00:00"]
    assert {parse_moment(cell) for cell in written} == {datetime(day.year, day.month, day.day)}


@given(st.datetimes(datetime(1900, 1, 1), datetime(2100, 12, 31)))
def test_every_way_to_write_a_moment_gives_the_same_moment(moment):
    moment = moment.replace(second=0, microsecond=0)
    written = [moment, f"{moment.day}/{moment:%m/%Y %H:%M}", f"{moment:%Y-%m-%d %H:%M:%S}"]
    written += [f"{moment:%Y-%m-%dT%H:%M}", f"{moment:%Y-%m-%d %H:%M:%S}.000"]
    assert {parse_moment(cell) for cell in written} == {moment}


def test_the_day_stands_before_the_month():
    assert parse_moment("3/4/2021") == datetime(2021, 4, 3)
    assert parse_moment("29/2/2020") == datetime(2020, 2, 29)


@pytest.mark.parametrize("text", ["12/13/2021", "31/2/2021", "29/2/2021", "0/1/2021", "2021-13-01"])
def test_a_day_that_does_not_exist_is_refused_and_not_turned_round(text):
    assert refused(parse_moment, text) == "is geen dag die bestaat (dag/maand/jaar)"


@pytest.mark.parametrize(
    "text", ["3/4/21", "3 april 2021", "2021", "44561", "1/1/2021 9u", "3.4.2021"]
)
def test_a_form_that_is_no_full_date_is_refused(text):
    assert "31/12/2021" in refused(parse_moment, text)


@pytest.mark.parametrize(
    "cell", [44561.0, True, time(9, 30), "1/1/2021 25:00", "31/12/1899", "1/1/2101"]
)
def test_a_number_a_time_and_a_far_year_are_no_date(cell):
    refused(parse_moment, cell)


def test_a_duration_of_6_hours_30_is_written_6_5_not_6_30():
    assert parse_hours("6.5", "en") == parse_hours("6,5", "nl") == parse_hours(6.5, "nl") == 390
    assert parse_hours("6.30", "en") == pytest.approx(378)
    refused(parse_hours, "6.30", "nl")


@pytest.mark.parametrize("cell", ["6:30", "6u30", "6 uur 30", "390 min", time(6, 30), True])
def test_a_duration_that_is_no_number_of_hours_is_refused_with_the_right_way(cell):
    assert "6.5 voor 6 uur 30" in refused(parse_hours, cell, "nl")


@given(st.integers(0, 366 * 24 * 60))
def test_a_duration_in_whole_minutes_reads_back_from_hours(minutes):
    assert parse_hours(repr(minutes / 60), "en") == pytest.approx(minutes)
    assert parse_hours(repr(minutes / 60).replace(".", ","), "nl") == pytest.approx(minutes)


def test_a_negative_duration_is_refused():
    assert refused(parse_hours, "-1,5", "nl") == "is een negatieve duur"


@pytest.mark.parametrize("cell", ["True", "WAAR", " ja ", "J", "1", 1, 1.0, True])
def test_what_means_yes(cell):
    assert parse_yes_no(cell) is True


@pytest.mark.parametrize("cell", ["False", "onwaar", "Nee", "neen", "n", "0", 0, 0.0, False])
def test_what_means_no(cell):
    assert parse_yes_no(cell) is False


@pytest.mark.parametrize("cell", ["misschien", "2", 2, -1, "x", "jaja", date(2021, 1, 1)])
def test_what_is_neither_yes_nor_no_is_refused(cell):
    assert refused(parse_yes_no, cell) == "is geen ja of nee"


@given(EIGHT_DIGITS)
def test_every_written_form_of_a_kbo_number_gives_its_ten_digits(eight):
    kbo = valid_kbo(eight)
    for written in (kbo, format_kbo(kbo), f"BE{kbo}", f"be {format_kbo(kbo)}", f" {kbo} "):
        assert parse_kbo(written) == kbo


@given(st.integers(1_000_000, 9_999_999))
def test_a_kbo_number_gets_back_the_zero_that_a_spreadsheet_dropped(eight):
    kbo = valid_kbo(eight)
    for written in (kbo[1:], f"BE{kbo[1:]}", int(kbo), float(kbo)):
        assert parse_kbo(written) == kbo


@given(EIGHT_DIGITS, st.integers(0, 9), st.integers(1, 9))
def test_any_single_wrong_digit_of_a_kbo_number_is_refused(eight, place, more):
    kbo = valid_kbo(eight)
    wrong = str((int(kbo[place]) + more) % 10)
    refused(parse_kbo, kbo[:place] + wrong + kbo[place + 1 :])


@pytest.mark.parametrize(
    "cell",
    ["99900012", "2999000129", "09990001290", "NL0999000129", "099900012X", "0٩٩٩٠٠٠١٢٩", 12],
)
def test_what_is_no_kbo_number_is_refused(cell):
    assert "tien cijfers" in refused(parse_kbo, cell)


def test_a_kbo_number_is_written_in_groups():
    assert format_kbo("0999000129") == "0999.000.129"


@given(st.text("abcxyz.-_0129", min_size=1), st.text("abcxyz0129", min_size=1))
def test_an_email_address_is_the_same_in_any_case_and_with_spaces(name, host):
    address = f"{name}@{host}.be"
    assert parse_email(address) == address
    assert parse_email(f"  {name.upper()} @{host}.BE ") == address


@pytest.mark.parametrize(
    "text", ["an", "an@", "@x.be", "an@x", "an@.be", "an@x.", "an@bo@x.be", "an@x.be; bo@x.be", "@"]
)
def test_what_lacks_a_name_an_at_sign_or_a_domain_is_no_email_address(text):
    assert refused(parse_email, text) == "is geen e-mailadres"


def test_the_mailboxes_of_many_are_those_of_the_definitions():
    for name in ("info", "secretariaat", "onthaal", "contact", "admin", "team"):
        assert is_shared_mailbox(f"{name}@voorbeeld.be")
    for address in ("an@info.be", "infobalie@voorbeeld.be", "teamleider@voorbeeld.be"):
        assert not is_shared_mailbox(address)


@given(NAMES, NAMES)
def test_case_marks_spaces_and_order_do_not_tell_two_persons_apart(given_name, family):
    name = f"{given_name} {family}"
    key = person_key(name)
    assert person_key(f"{family}, {given_name}") == key
    assert person_key(name.upper()) == person_key(name.lower()) == key
    assert person_key(name.translate(BARE)) == key
    assert person_key(unicodedata.normalize("NFD", name)) == key
    assert person_key(name.replace(" ", " \u00a0 ")) == person_key(name.replace(" ", "")) == key


@pytest.mark.parametrize("other", ["Jan Peters", "Jana Peeters", "Peeters", "Jan Peeters 2"])
def test_names_with_other_letters_are_of_other_persons(other):
    assert person_key(other) != person_key("Jan Peeters")


@given(NAMES.filter(lambda name: any(map(str.isalpha, name))))
def test_case_marks_spaces_and_signs_do_not_tell_two_organisations_apart(name):
    key = organisation_key(f"Kring {name}")
    assert organisation_key(f"KRING {name.upper()}") == key
    assert organisation_key(f"kring {name.translate(BARE)}!") == key
    assert organisation_key(f"  Kring -  {unicodedata.normalize('NFD', name)}") == key


@pytest.mark.parametrize(
    "form", [*sorted(forms.LEGAL_FORMS), "V.Z.W.", "v. z. w.", "b.v.", "(vzw)"]
)
def test_a_legal_form_before_or_after_the_name_does_not_matter(form):
    for written in (f"De Kring {form}", f"De Kring, {form.upper()}", f"{form} De Kring"):
        assert organisation_key(written) == organisation_key("De Kring") == "dekring"


def test_a_legal_form_inside_a_name_or_as_the_whole_name_is_kept():
    assert organisation_key("De vzw Kring") == "devzwkring"
    assert organisation_key("VZW") == organisation_key("v.z.w.") == "vzw"


@pytest.mark.parametrize("other", ["De Kringen", "Kring", "De Kring Gent", "De Krang"])
def test_names_with_other_letters_are_of_other_organisations(other):
    assert organisation_key(other) != organisation_key("De Kring")


def test_folded_text_has_no_case_and_no_marks():
    assert fold("COÖRDINATOR, Zoe\u0308") == fold("coordinator, zoë") != fold("co ordinator, zoe")


@given(st.text())
def test_the_key_of_a_key_is_the_key(text):
    assert person_key(person_key(text)) == person_key(text)
    assert organisation_key(organisation_key(text)) == organisation_key(text)


def test_a_duration_cell_of_a_spreadsheet_is_no_number():
    refused(parse_number, timedelta(hours=6, minutes=30), "nl")


@pytest.mark.parametrize("text", ["0.125", "0.500,5", "1.234 567", "00.125"])
def test_a_group_of_three_begins_with_a_number_and_has_one_sign(text):
    refused(parse_number, text, "nl")


def test_a_whole_number_that_no_spreadsheet_holds_exactly_is_refused():
    assert parse_whole("9007199254740992", "en") == 2**53
    refused(parse_whole, "99999999999999999999", "en")
    refused(parse_number, 10**400, "en")


def test_a_duration_of_more_than_a_year_is_refused():
    assert parse_hours("8784", "en") == 8784 * 60
    refused(parse_hours, "8785", "en")
    refused(parse_hours, "1e308", "en")


def test_runs_of_signs_are_one_space_and_letters_lose_marks_that_are_part_of_them():
    assert fold("Directeur / coördinator") == fold("Directeur/coördinator")
    assert fold("Łukasz Øst YILDIZ") == fold("lukasz ost Yıldız")


@pytest.mark.parametrize("text", ["Jan <jan@x.be>", "an@x..be", "an,bo@x.be"])
def test_an_address_with_a_name_around_it_is_not_taken_apart(text):
    refused(parse_email, text)


def test_a_date_cell_has_the_bounds_of_a_written_date():
    refused(parse_moment, datetime(1899, 12, 31))
    refused(parse_kbo, "-999000129")
