"""Answers to surveys of any program (socius_lib.sources.surveys), on tiny made-up exports."""

import csv
import io
import os
import re
import string
import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import socius_lib as socius
from socius_lib.errors import InputError, SociusError

EXAMPLE = Path(__file__).parents[1] / "data" / "raw" / "voorbeeld" / "2021" / "bevragingen"
REMARK = "Mia Verzonnen zei dat de zaal te koud was"

LIMESURVEY = f"""\
id. Antwoord ID;submitdate. Datum ingediend;lastpage. Laatste pagina;startlanguage. Starttaal;\
token. Toegangscode;ipaddr. IP-adres;TEVR. Hoe tevreden?;STEL[SQ001]. Stellingen [Inhoud];\
VIA[1]. Hoe weet je van ons? [E-mail];VIA[other]. Hoe weet je van ons? [Andere];OPEN. Nog iets?
1;2021-11-15 03:02:00;2;nl;t1;10.0.0.1;9;A4;Ja;;{REMARK}
2;;1;nl;t2;10.0.0.2;7.5;A4;Nee;de krant;
3;1980-01-01 00:00:00;2;nl;t3;10.0.0.3;;A5;Ja;de krant;
4;2021-11-16 09:00:00;2;nl;t4;10.0.0.4;8;A5;Ja;;
"""
QUALTRICS = """\
StartDate,EndDate,Status,IPAddress,Progress,Duration (in seconds),Finished,RecordedDate,ResponseId,\
RecipientEmail,ExternalReference,LocationLatitude,LocationLongitude,UserLanguage,Q1,Q2,Q3_TEXT
Begin,Einde,Type,IP,Voortgang,Duur,Klaar,Bewaard,Id,E-mail,Verwijzing,Breedte,Lengte,Taal,\
Hoe tevreden?,Wat koos je?,Anders
{"ImportId":"startDate"},{"ImportId":"endDate"},{"ImportId":"status"},{"ImportId":"ipAddress"},\
{"ImportId":"progress"},{"ImportId":"duration"},{"ImportId":"finished"},{"ImportId":"recordedDate"},\
{"ImportId":"_recordId"},{"ImportId":"recipientEmail"},{"ImportId":"externalDataReference"},\
{"ImportId":"locationLatitude"},{"ImportId":"locationLongitude"},{"ImportId":"userLanguage"},\
{"ImportId":"QID1"},{"ImportId":"QID2"},{"ImportId":"QID3_TEXT"}
2021-03-05 14:02:11,2021-03-05 14:06:00,0,10.0.0.1,100,229,1,2021-03-05 14:06:01,R_1,a@x.example,7,\
51.0,4.1,NL,4,"1,3",iets
2021-03-06 08:00:00,2021-03-06 08:01:00,0,10.0.0.2,40,60,False,2021-03-13 08:01:00,R_2,,,50.9,4.2,NL,\
,"1,2",iets
"""
SURVEYMONKEY = """\
Respondent ID,Collector ID,Start Date,End Date,IP Address,Email Address,First Name,Last Name,\
Custom Data 1,Hoe tevreden?,Welke thema's?,,,Contact,,Nog iets?
,,,,,,,,,Response,Inclusie,Diversiteit,Andere (geef op),Naam,Organisatie,Open-Ended Response
114687260013,432674090,09/12/2021 04:15:29 PM,09/13/2021 09:00:00 AM,10.0.0.1,a@x.example,Mia,\
Verzonnen,,Tevreden,Inclusie,,,Mia Verzonnen,Huis Echo,prima
114687260014,432674090,09/13/2021 12:05:00 AM,09/13/2021 12:06:00 AM,10.0.0.2,,,,,Tevreden,,\
Diversiteit,wonen,Jo Verzonnen,Academie,
"""
GOOGLE = """\
"Tijdstempel","E-mailadres","Welke thema's?","Tevreden? [Zaal]","Nog iets?"
"2021/05/03 4:32:10 PM GMT+2","a@x.example","Inclusie;Diversiteit","Ja","koud, maar fijn"
"2021/05/03 12:00:01 AM GMT+2","b@x.example","Inclusie","Ja",""
"2021/05/04 9:01:00 AM GMT+2","c@x.example","Diversiteit;Inclusie","Nee","goed"
"2021/05/04 9:02:00 AM GMT+2","d@x.example","","Nee","veel geleerd"
"""
MICROSOFT = (
    ["ID", "Begintijd", "Tijd van voltooien", "E-mail", "Naam", "Tijd van laatste wijziging",
     "Hoe tevreden?", "Welke thema's?", "Wat is je telefoonnummer?", "Datum van je bezoek", "Nog iets?"],
    [1, datetime(2021, 5, 3, 16, 30), datetime(2021, 5, 3, 16, 32, 10), "anonymous", None, None,
     8, "Inclusie;Diversiteit;", 32475000001, date(2021, 5, 1), "prima"],
    [2, datetime(2021, 5, 4, 9), datetime(2021, 5, 4, 9, 1), "anonymous", None, None,
     9.5, "Inclusie;", 32475000002, date(2021, 5, 2), None],
)  # fmt: skip


@pytest.fixture
def written(tmp_path):
    """Return a function that writes an export; a list of rows becomes a workbook."""

    def write(content, name: str = "antwoorden.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif isinstance(content, str):
            path.write_text(content, encoding=encoding, newline="")
        else:
            book = openpyxl.Workbook()
            for row in content:
                book.active.append(row)
            book.save(path)
        return path

    return write


def kinds(survey) -> dict[str, str]:
    return dict(zip(survey.questions["code"], survey.questions["kind"], strict=True))


def texts(survey) -> dict[str, str]:
    return dict(zip(survey.questions["code"], survey.questions["text"], strict=True))


def told(survey) -> list[bool | None]:
    return survey.answers["voltooid"].astype(object).where(lambda told: told.notna(), None).tolist()


def refusal(path, **named) -> str:
    with pytest.raises(SociusError) as error:
        socius.load_survey(path, **named)
    return str(error.value)


# LimeSurvey


def test_limesurvey_has_code_and_text_in_one_header(written):
    survey = socius.load_survey(written(LIMESURVEY))
    assert survey.program == "limesurvey"
    assert texts(survey)["STEL[SQ001]"] == "Stellingen [Inhoud]"
    assert survey.answers["STEL[SQ001]"].tolist() == ["A4", "A4", "A5", "A5"]
    assert survey.answers["TEVR"].dtype == "float64"


def test_unfinished_answers_stay_and_are_told(written):
    assert told(socius.load_survey(written(LIMESURVEY))) == [True, False, True, True]


def test_limesurvey_with_codes_only_has_no_texts(written):
    survey = socius.load_survey(
        written("id;submitdate;lastpage;seed;TEVR;STEL[SQ001]\n1;;1;5;9;A4\n")
    )
    assert survey.questions["text"].isna().all()
    assert survey.questions["code"].tolist()[-2:] == ["TEVR", "STEL[SQ001]"]
    assert told(survey) == [False]


def test_limesurvey_with_texts_only_numbers_the_questions(written):
    survey = socius.load_survey(
        written("Antwoord ID,Datum ingediend,Laatste pagina,Hoe tevreden?\n1,2021-01-02,2,9\n")
    )
    assert texts(survey)["q4"] == "Hoe tevreden?"
    assert kinds(survey)["submitdate"] == "meta"
    assert told(survey) == [True]


def test_a_program_that_does_not_tell_leaves_finished_missing(written):
    survey = socius.load_survey(written("a1. Vraag een,a2. Vraag twee\nJa,Nee\n"))
    assert survey.program == "limesurvey"
    assert told(survey) == [None]


def test_a_column_that_numbers_the_rows_is_no_question(written):
    survey = socius.load_survey(written(",a1. Vraag een,a2. Vraag twee\n1,Ja,Nee\n2,Ja,Nee\n"))
    assert kinds(survey) == {"kolom_1": "meta", "a1": "choice", "a2": "choice"}


# Qualtrics


def test_qualtrics_has_three_header_rows_and_begins_at_the_fourth(written):
    survey = socius.load_survey(written(QUALTRICS))
    assert survey.program == "qualtrics"
    assert survey.answers.index.tolist() == [4, 5]
    assert texts(survey)["Q1"] == "Hoe tevreden?"
    assert told(survey) == [True, False]
    assert survey.answers["StartDate"].tolist()[0] == pd.Timestamp(2021, 3, 5, 14, 2, 11)
    assert kinds(survey)["Q3_TEXT"] == "open"


def test_qualtrics_leaves_place_address_and_who_it_is_out(written):
    survey = socius.load_survey(written(QUALTRICS))
    assert survey.personal == (
        "IPAddress", "RecipientEmail", "ExternalReference", "LocationLatitude", "LocationLongitude"
    )  # fmt: skip
    assert not set(survey.personal) & set(survey.answers)


def test_the_legacy_form_of_qualtrics_tells_its_columns_in_the_second_row(written):
    survey = socius.load_survey(
        written(
            "\ufeffV1,V3,V5,V8,V10,Q1,\nResponseID,Name,EmailAddress,StartDate,Finished,Goed?,\n"
            "R_1,Anoniem,,2021-03-05 14:02:11,1,2,\n"
        )
    )
    assert (survey.program, survey.personal) == ("qualtrics", ("V3", "V5"))
    assert survey.answers.index.tolist() == [3]
    assert list(survey.answers) == ["voltooid", "V1", "V8", "V10", "Q1"]
    assert told(survey) == [True]


def test_qualtrics_without_its_questions_is_refused_with_the_row(written):
    assert "rij 2" in refusal(written("StartDate,Finished,ResponseId,Q1\n"))


# SurveyMonkey


def test_surveymonkey_has_a_row_of_questions_and_one_of_options(written):
    survey = socius.load_survey(written(SURVEYMONKEY))
    assert survey.program == "surveymonkey"
    assert survey.answers.index.tolist() == [3, 4]
    assert texts(survey)["q1"] == "Hoe tevreden?"
    assert texts(survey)["q2_2"] == "Welke thema's? – Diversiteit"
    assert kinds(survey)["q2_1"] == kinds(survey)["q2_2"] == "choice"
    assert kinds(survey)["q2_3"] == kinds(survey)["q4"] == "open"


def test_surveymonkey_leaves_out_names_also_those_of_a_contact_question(written):
    survey = socius.load_survey(written(SURVEYMONKEY))
    expected = ("ip_address", "email_address", "first_name", "last_name", "q3_1")
    assert survey.personal == expected
    assert survey.answers["q3_2"].tolist() == ["Huis Echo", "Academie"]


def test_respondent_numbers_stay_text(written):
    survey = socius.load_survey(written(SURVEYMONKEY))
    assert survey.answers["respondent_id"].tolist() == ["114687260013", "114687260014"]


def test_the_number_in_the_column_of_an_option_means_that_option(written):
    survey = socius.load_survey(
        written(
            ",,q1,,,q2\nRespondent ID,Collector ID,Waarom?,,,Nog iets?\n"
            ",,Tijd,Geld,Andere (geef op),Open-Ended Response\n1,9,1,,,5\n2,9,1,2,,\n3,9,,,iets,\n"
        )
    )
    assert survey.labels == {"q1_1": {1.0: "Tijd"}, "q1_2": {2.0: "Geld"}}
    assert survey.answers["q1_1"].tolist()[:2] == [1, 1]
    assert survey.answers.index.tolist() == [4, 5, 6]
    assert list(kinds(survey))[2:] == ["q1_1", "q1_2", "q1_3", "q2"]


def test_surveymonkey_without_a_row_of_options_loses_no_answer(written):
    survey = socius.load_survey(written("Respondent ID,Collector ID,Goed?\n1,9,Ja\n2,9,Nee\n"))
    assert survey.answers.index.tolist() == [2, 3]


def test_surveymonkey_without_questions_is_a_survey_of_nothing(written):
    survey = socius.load_survey(written("Respondent ID,Collector ID,Start Date\n"))
    assert repr(survey) == "Survey(surveymonkey, antwoorden: 0, vragen: 0)"


# Google Forms and Microsoft Forms


def test_google_forms_begins_with_the_moment_of_sending(written):
    survey = socius.load_survey(written(GOOGLE))
    assert survey.program == "google forms"
    assert survey.answers["tijdstempel"].tolist()[:2] == [
        pd.Timestamp(2021, 5, 3, 16, 32, 10), pd.Timestamp(2021, 5, 3, 0, 0, 1)
    ]  # fmt: skip
    assert told(survey) == [True] * 4
    assert survey.personal == ("e_mailadres",)
    assert texts(survey)["q2"] == "Tevreden? [Zaal]"
    assert kinds(survey) == {
        "tijdstempel": "meta", "e_mailadres": "personal", "q1": "multiple", "q2": "choice", "q3": "open"
    }  # fmt: skip


def test_several_answers_in_a_cell_come_apart(written):
    chosen = socius.load_survey(written(GOOGLE)).chosen("q1")
    assert list(chosen) == ["Inclusie", "Diversiteit"]
    assert chosen["Diversiteit"].tolist()[:3] == [True, False, True]
    assert chosen.loc[5].isna().all()


def test_google_sheets_separates_answers_by_comma_and_space(written):
    rows = [
        ["Timestamp", "Waarom?"],
        *([datetime(2021, 5, 3), text] for text in ("A, B", "B", "A")),
    ]
    survey = socius.load_survey(written(rows, "antwoorden.xlsx"))
    assert survey.chosen("q1").sum().to_dict() == {"A": 2, "B": 2}


def test_only_a_question_with_several_answers_comes_apart(written):
    survey = socius.load_survey(written(GOOGLE))
    with pytest.raises(SociusError, match="'q2'"):
        survey.chosen("q2")


def test_microsoft_forms_has_the_types_of_its_cells(written):
    survey = socius.load_survey(written(MICROSOFT, "antwoorden.xlsx"))
    assert survey.program == "microsoft forms"
    assert survey.answers["q1"].tolist() == [8, 9.5]
    assert survey.answers["q4"].tolist() == [pd.Timestamp(2021, 5, 1), pd.Timestamp(2021, 5, 2)]
    assert told(survey) == [True, True]
    assert survey.personal == ("e_mail", "naam", "q3")
    assert kinds(survey)["q2"] == "multiple"
    assert survey.chosen("q2").sum().to_dict() == {"Inclusie": 2, "Diversiteit": 1}


def test_microsoft_forms_in_english_is_the_same_program(written):
    rows = [
        ["Id", "Start time", "Completion time", "Email", "Name", "Goed?"],
        [1, "x", None, "", "", "Ja"],
    ]
    survey = socius.load_survey(written(rows, "antwoorden.xlsx"))
    assert (survey.program, told(survey)) == ("microsoft forms", [False])
    assert texts(survey)["q1"] == "Goed?"


def test_a_workbook_is_known_by_its_content_not_by_its_name(written):
    rows = MICROSOFT
    assert socius.load_survey(written(rows, "a.csv")).program == "microsoft forms"
    assert socius.load_survey(written(GOOGLE, "a.xlsx")).program == "google forms"


# Dates, types, codes


@pytest.mark.parametrize(
    ("first", "second", "read"),
    [
        ("13/4/2021 10:00", "3/4/2021 10:00", "2021-04-13"),
        ("4/13/2021 10:00:05", "4/3/2021 1:00:00", "2021-04-13"),
        ("2021-04-13T10:00:00Z", "2021-04-03", "2021-04-13"),
        ("5/5/2021", "6/6/2021", "2021-05-05"),
    ],
)
def test_a_date_is_read_when_the_order_is_certain(written, first, second, read):
    survey = socius.load_survey(written(f"Timestamp,Goed?\n{first},Ja\n{second},Ja\n"))
    assert str(survey.answers["timestamp"].iloc[0].date()) == read


@pytest.mark.parametrize("text", ["3/4/2021", "31/31/2021", "30-2-2021", "2021-13-01", "gisteren"])
def test_a_date_in_doubt_stays_text(written, text):
    survey = socius.load_survey(written(f"Timestamp,Goed?\n{text},Ja\n"))
    assert survey.answers["timestamp"].tolist() == [text]


def test_in_a_dutch_file_the_day_stands_first(written):
    survey = socius.load_survey(written("Tijdstempel,Goed?\n3/4/2021 14:02:11,Ja\n"))
    assert survey.answers["tijdstempel"].tolist() == [pd.Timestamp(2021, 4, 3, 14, 2, 11)]


@pytest.mark.parametrize("text", ["007", "7,5", "1e3", "12345678901234567890", "٣"])
def test_what_is_no_plain_number_stays_text(written, text):
    survey = socius.load_survey(written(f'Timestamp,Goed?\n2021-04-13,"{text}"\n'))
    assert survey.answers["q1"].tolist() == [text]


def test_two_columns_with_one_code_both_stay(written):
    survey = socius.load_survey(written("id,submitdate,lastpage,voltooid,voltooid\n1,,1,a,b\n"))
    assert survey.questions["code"].tolist()[-2:] == ["voltooid_2", "voltooid_3"]
    assert survey.answers[["voltooid_2", "voltooid_3"]].to_numpy().tolist() == [["a", "b"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_every_encoding_gives_the_same_survey(written, encoding):
    survey = socius.load_survey(written(GOOGLE.replace("koud", "zoë"), encoding=encoding))
    assert survey.answers["q3"].iloc[0] == "zoë, maar fijn"


def test_an_export_without_answers_is_a_survey_of_nobody(written):
    survey = socius.load_survey(written(GOOGLE.partition("\n")[0]))
    assert (len(survey.answers), survey.questions["n"].tolist()) == (0, [0] * 5)


# Persons


def test_nothing_that_is_printed_shows_an_answer(written):
    survey = socius.load_survey(written(LIMESURVEY))
    assert survey.answers["OPEN"].iloc[0] == REMARK
    assert repr(survey) == str(survey) == "Survey(limesurvey, antwoorden: 4, vragen: 5)"


def test_open_answers_stay_and_are_marked(written):
    found = kinds(socius.load_survey(written(LIMESURVEY)))
    assert (found["OPEN"], found["VIA[other]"], found["STEL[SQ001]"]) == ("open", "open", "choice")


def test_what_limesurvey_knows_of_a_person_is_left_out(written):
    survey = socius.load_survey(written(LIMESURVEY))
    assert survey.personal == ("token", "ipaddr")


def test_an_option_called_email_is_not_a_persons(written):
    assert kinds(socius.load_survey(written(LIMESURVEY)))["VIA[1]"] == "choice"


@pytest.mark.parametrize(
    "header",
    ["Naam", "Voornaam", "Wat is je naam?", "Je voor- en achternaam", "E-mail", "Wat is uw e-mailadres?",
     "Your full name", "Wat is je volledige naam?", "GSM", "Telefoonnummer", "Contact [E-mail]",
     "Contact - Naam", "IP-adres"],
)  # fmt: skip
def test_a_question_who_somebody_is_is_left_out(written, header):
    survey = socius.load_survey(written(f"Timestamp,{header},Goed?\n2021-04-13,abc,Ja\n"))
    assert survey.personal == ("q1",)


@pytest.mark.parametrize(
    "header",
    ["Naam van je organisatie", "Full name of your organisation", "Hoe kende je ons?", "Namens wie?",
     "Lees je onze e-mails?", "Which themes does your organisation address?"],
)  # fmt: skip
def test_a_question_on_an_organisation_or_a_habit_stays(written, header):
    survey = socius.load_survey(written(f"Timestamp,{header},Goed?\n2021-04-13,abc,Ja\n"))
    assert survey.personal == ()


@pytest.mark.parametrize(
    "answers",
    [
        ("a@x.example", "b@x.example"),
        ("10.0.0.1", "::0:0:1"),
        ("0475 00 00 01", "+32 475 00 00 02"),
    ],
)
def test_a_column_of_addresses_or_numbers_is_left_out_whatever_its_header(written, answers):
    rows = "".join(f"2021-04-13,{answer}\n" for answer in answers)
    assert socius.load_survey(written(f"Timestamp,Bereikbaar\n{rows}")).personal == ("q1",)


def test_a_chosen_option_called_email_is_not_a_persons(written):
    survey = socius.load_survey(
        written("Respondent ID,Collector ID,Hoe?,\n,,E-mail,Post\n1,9,E-mail,Post\n2,9,E-mail,\n")
    )
    assert survey.personal == ()
    assert kinds(survey)["q1_1"] == "choice"


def test_a_kbo_number_is_no_telephone_number(written):
    survey = socius.load_survey(written("Timestamp,KBO\n2021-04-13,0999.000.129\n"))
    assert survey.personal == ()


def test_what_is_needed_can_be_kept(written):
    survey = socius.load_survey(written(LIMESURVEY), keep=["token"])
    assert survey.answers["token"].tolist() == ["t1", "t2", "t3", "t4"]
    assert survey.personal == ("ipaddr",)
    assert "Bedoel je 'token'" in refusal(written(LIMESURVEY), keep=["tokens"])


# SPSS


@pytest.fixture
def sav(tmp_path):
    frame = pd.DataFrame(
        {
            "tevr": [1.0, 2.0, 9.0, 8.0],
            "nps": [10.0, 99.0, 0.0, 7.0],
            "streek": ["W", "O", "X", ""],
            "opm": [REMARK, "goed", "", ""],
            "mail": ["a@x.example", "b@x.example", "", ""],
            "op": [date(2021, 3, 5), date(1583, 1, 1), None, date(2021, 3, 5)],
        }
    )
    path = tmp_path / "antwoorden.sav"
    pyreadstat.write_sav(
        frame,
        path,
        column_labels={"tevr": "Hoe tevreden?", "nps": "Beveel je ons aan?"},
        variable_value_labels={
            "tevr": {1: "niet", 2: "wel", 9: "weet niet"},
            "nps": {0: "zeker niet", 10: "zeker wel"},
            "streek": {"W": "west", "O": "oost"},
        },
        missing_ranges={"tevr": [{"lo": 8, "hi": 9}], "nps": [99], "streek": ["X"]},
        variable_measure={"tevr": "ordinal", "nps": "scale"},
    )
    return path


def test_user_missing_values_are_missing_and_counted(sav):
    survey = socius.load_survey(sav)
    assert survey.program == "spss"
    assert survey.answers["tevr"].dropna().tolist() == [1, 2]
    assert survey.answers["streek"].dropna().tolist() == ["W", "O"]
    counts = survey.questions.set_index("code")[["n", "user_missing"]]
    assert counts.loc["tevr"].tolist() == [2, 2]
    assert counts.loc["nps"].tolist() == [3, 1]
    assert counts.loc["streek"].tolist() == [2, 1]
    assert survey.missing == {"tevr": [(8, 9)], "nps": [(99, 99)], "streek": [("X", "X")]}


def test_spss_gives_texts_labels_kinds_and_case_numbers(sav):
    survey = socius.load_survey(sav)
    assert texts(survey)["tevr"] == "Hoe tevreden?"
    assert survey.questions["text"].isna().tolist() == [False, False, True, True, True, True]
    assert survey.labels["tevr"] == {1: "niet", 2: "wel", 9: "weet niet"}
    assert survey.labels["streek"] == {"W": "west", "O": "oost"}
    assert kinds(survey) == {
        "tevr": "choice", "nps": "number", "streek": "choice",
        "opm": "open", "mail": "personal", "op": "moment",
    }  # fmt: skip
    assert survey.answers.index.tolist() == [1, 2, 3, 4]
    assert survey.answers["op"].tolist()[:2] == [pd.Timestamp(2021, 3, 5), pd.Timestamp(1583, 1, 1)]
    assert told(survey) == [None] * 4


def test_a_broken_spss_file_is_refused(written):
    assert "geen leesbaar SPSS-bestand" in refusal(written(b"$FL2" + b"\0" * 200, "a.sav"))


# What is none of these


def test_what_is_none_of_these_is_refused_without_showing_it(written):
    text = refusal(written(f"{REMARK};8\n{REMARK};9\n"))
    assert "`antwoorden.csv`, rij 1" in text
    assert "LimeSurvey, Qualtrics, SurveyMonkey, Microsoft Forms, Google Forms" in text
    assert "kolommen: 2, rijen: 1" in text
    assert "Mia" not in text


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        ("", "a.csv", "het bestand is leeg"),
        (" \n\n", "a.csv", "het bestand is leeg"),
        ("<!DOCTYPE html><html><p>Meld je aan", "a.csv", "een webbladzijde"),
        ("\n<html>", "a.csv", "een webbladzijde"),
        (b"PK\x03\x04 maar geen werkboek", "a.xlsx", "geen Excel-werkboek"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 maar geen werkboek", "a.xls", "geen Excel-werkboek"),
        (b"PK\x03\x04", "a.zip", "een zip-bestand"),
        (b"Timestamp,Goed?\n\x81\x8d,Ja\n", "a.csv", "geen tekst in UTF-8, UTF-16 of cp1252"),
        (f"Timestamp,Goed?\n2021-04-13,Ja\n2021-04-13,Ja,{REMARK}\n", "a.csv", "rij 3"),
        ([[None]], "a.xlsx", "het blad is leeg"),
        ([["Vraag een", "Vraag twee"], [1, 2]], "a.xlsx", "blad Sheet, rij 1"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_with_a_way_out(written, content, name, says):
    text = refusal(written(content, name))
    assert f"`{name}`" in text
    assert says in text
    assert "Mia" not in text


def test_a_workbook_without_sheets_is_refused(written, tmp_path):
    path = tmp_path / "geen bladen.xlsx"
    with zipfile.ZipFile(written(MICROSOFT, "a.xlsx")) as book, zipfile.ZipFile(path, "w") as empty:
        for name in book.namelist():
            empty.writestr(name, re.sub(rb"<sheet [^>]*/>", b"", book.read(name)))
    assert "heeft geen bladen" in refusal(path)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    assert "niet te openen" in refusal(tmp_path / "weg.csv")
    assert "niet te openen" in refusal(tmp_path)


HEADERS = [
    "Timestamp", "Tijdstempel", "StartDate", "Finished", "ResponseId", '{"ImportId":"x"}', "Respondent ID",
    "Collector ID", "id", "submitdate", "lastpage", "a1. Vraag", "Begintijd", "Tijd van voltooien", "Naam",
    "", "1", "2021-04-13", "3/4/2021", "\n", "a;b", "0475000001", "V1",
]  # fmt: skip


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.one_of(
        st.text(st.characters(exclude_categories=["Cs"])),
        st.lists(
            st.lists(
                st.one_of(st.sampled_from(HEADERS), st.text(string.printable, max_size=8)),
                max_size=6,
            ),
            max_size=6,
        ).map(lambda rows: "\n".join(map(",".join, rows))),
    ),
    st.sampled_from(["", "$FL2", "Tijdstempel,", "PK\x03\x04"]),
)
def test_whatever_the_text_is_nothing_but_a_refusal_is_raised(written, text, start):
    try:
        survey = socius.load_survey(written(start + text))
    except InputError:
        return
    assert survey.questions["code"].is_unique
    assert len(survey.questions) == len(survey.answers.columns) - 1 + len(survey.personal)


# The example office's own surveys


def test_the_evaluations_of_the_example_are_a_survey():
    path = EXAMPLE / "results-survey482913.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    survey = socius.load_survey(path)
    assert len(survey.answers) == len(rows)
    assert survey.answers["voltooid"].sum() == sum(row["submitdate"] != "" for row in rows)
    assert survey.answers["NPS"].sum() == sum(float(row["NPS"] or 0) for row in rows)
    assert survey.personal == ("token",)


def test_the_sector_survey_of_the_example_is_a_survey():
    frame, _ = pyreadstat.read_sav(EXAMPLE / "sectorbevraging_2021.sav")
    survey = socius.load_survey(EXAMPLE / "sectorbevraging_2021.sav")
    assert survey.answers["wp1"].sum() == frame["wp1"].sum()
    assert survey.questions.set_index("code").loc["wp1", "n"] == frame["wp1"].count()


# Files that other programs wrote; they are not committed

real = pytest.mark.skipif(
    not os.environ.get("SOCIUS_REAL_FILES"),
    reason="SOCIUS_REAL_FILES does not say where the real files are (not committed)",
)
REAL = Path(os.environ.get("SOCIUS_REAL_FILES", "")) / "survey"
SAV = Path(os.environ.get("SOCIUS_REAL_FILES", "")) / "sav"
SAVS = sorted(path.name for path in SAV.glob("*.*sav")) if SAV.is_absolute() else []


def records(name: str) -> list[list[str]]:
    text = (REAL / name).read_bytes().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


@real
def test_there_are_real_files_of_spss():
    assert len(SAVS) == 17


@real
@pytest.mark.parametrize("country", ["nl", "zaf", "can"])
def test_real_answers_of_limesurvey_are_all_there(country):
    header, *rows = records(f"limesurvey_rse2017_{country}.csv")
    survey = socius.load_survey(REAL / f"limesurvey_rse2017_{country}.csv")
    assert survey.program == "limesurvey"
    assert len(survey.answers) == len(rows)
    assert survey.personal == ()
    questions = survey.questions[survey.questions["kind"] != "meta"]
    split = [text.split(". ", 1) for text in header[1:]]
    assert questions["text"].tolist() == [text for _, text in split]
    # In the Canadian file eleven columns have one code.
    found = zip(questions["code"], [code for code, _ in split], strict=True)
    assert [
        (mine, code)
        for mine, code in found
        if re.sub(r"_\d+$", "", mine) != re.sub(r"_\d+$", "", code)
    ] == []
    assert questions["n"].tolist() == [
        sum(row[place].strip() != "" for row in rows) for place in range(1, len(header))
    ]


@real
@pytest.mark.parametrize(
    ("name", "headers", "question", "answer"),
    [("qualtrics_sample.csv", 3, "Q1", 2), ("qualtrics_sample_legacy.csv", 2, "Q1", 2)],
)
def test_real_answers_of_qualtrics_begin_below_their_headers(name, headers, question, answer):
    rows = records(name)
    survey = socius.load_survey(REAL / name)
    assert (survey.program, len(survey.answers)) == ("qualtrics", len(rows) - headers)
    assert survey.questions["code"].tolist() == [code for code in rows[0] if code]
    assert survey.questions["text"].tolist() == [text for text in rows[1] if text]
    assert survey.answers[question].tolist() == [answer]
    assert told(survey) == [True]
    # Seven columns of either tell who or where the respondent is.
    assert len(survey.personal) == 7


@real
def test_real_answers_of_surveymonkey_have_a_label_per_option_that_was_chosen():
    codes, questions, options, *rows = records("surveymonkey_ospo2024_numeric.csv")
    survey = socius.load_survey(REAL / "surveymonkey_ospo2024_numeric.csv")
    assert (survey.program, len(survey.answers)) == ("surveymonkey", len(rows))
    filled = [place for place, option in enumerate(options) if option]
    assert len(survey.questions) == 5 + len(filled)
    assert survey.personal == ()
    given = survey.questions["n"].tolist()[5:]
    assert given == [sum(row[place] != "" for row in rows) for place in filled]
    alone = {"Open-Ended Response", "Response"}
    numbered = {
        options[place]: {row[place] for row in rows} - {""}
        for place in filled
        if options[place] not in alone
    }
    assert len({c.split("_")[0] for c in survey.questions["code"][5:]}) == sum(map(bool, codes))
    assert survey.labels["q4_2"] == {1.0: "1 to 10"}
    assert numbered["1 to 10"] == {"1"}
    chosen = [
        place
        for place in filled
        if options[place] not in alone
        and len(found := {row[place] for row in rows} - {""}) == 1
        and next(iter(found)).isdigit()
    ]
    assert len(survey.labels) == len(chosen)
    assert sum(map(bool, questions)) == 5 + sum(map(bool, codes))


@real
def test_a_real_list_of_questions_without_answers_is_refused():
    assert "geen export van" in refusal(REAL / "surveymonkey_ospo2024_reference_model.csv")


@real
@pytest.mark.parametrize("name", SAVS)
def test_a_real_file_of_spss_gives_what_pyreadstat_gives(name):
    survey = socius.load_survey(SAV / name)
    _, meta = pyreadstat.read_sav(SAV / name, metadataonly=True)
    assert len(survey.questions) == len(meta.column_names)
    assert survey.labels == meta.variable_value_labels
    named = survey.questions[survey.questions["text"].notna()]
    assert named["text"].tolist() == [text for text in meta.column_labels if text]
    if name == "haven_datetime.sav":  # pyreadstat itself cannot read its dates
        assert survey.answers["date"].tolist() == [
            pd.Timestamp(2014, 9, 22), pd.Timestamp(2014, 9, 23)
        ]  # fmt: skip
        assert survey.answers["date.posix"].dtype == "float64"
        return
    valid, _ = pyreadstat.read_sav(SAV / name)
    everything, _ = pyreadstat.read_sav(SAV / name, user_missing=True)
    assert len(survey.answers) == len(valid)
    blank = valid.isna() | valid.astype(object).eq("")
    assert survey.questions["n"].tolist() == (~blank).sum().tolist()
    lost = (valid.isna() & everything.notna() & everything.astype(object).ne("")).sum()
    assert survey.questions["user_missing"].tolist() == lost.tolist()
    for column in valid:
        mine = survey.answers[column].dropna().tolist()
        theirs = valid.loc[~blank[column], column].tolist()
        if theirs and meta.original_variable_types[column].startswith("QYR"):
            continue  # pyreadstat leaves quarters in seconds
        if theirs and hasattr(theirs[0], "hour") and not hasattr(theirs[0], "year"):
            theirs = [timedelta(hours=t.hour, minutes=t.minute, seconds=t.second) for t in theirs]
        elif theirs and isinstance(theirs[0], date):
            theirs = list(map(pd.Timestamp, theirs))
        assert mine == theirs
