"""What each system's export says, read as bronnen.md tells: on exports that one can check by hand."""

from pathlib import Path

import exports
import pandas as pd
import pytest

from socius_lib import store
from socius_lib.process import process_year

PLACE = ["bestand", "blad", "rij", "persoon_id"]


def process(root: Path, *names: str, **others: exports.Rows | None) -> "Tables":
    """Write the exports of these names, with other rows for some, and process them."""
    left_out = {name: None for name in exports.DEFAULTS if names and name not in names}
    exports.write(root, **left_out | others)
    return process_written(root)


def process_written(root: Path) -> "Tables":
    outcome = process_year(exports.workspace(root), exports.JAAR)
    assert outcome.refused == ()
    return Tables(root)


class Tables:
    """The processed tables by name; a cell that is missing is None."""

    def __init__(self, root: Path) -> None:
        self.ws = exports.workspace(root)

    def __getitem__(self, name: str) -> pd.DataFrame:
        frame = store.read_partition(self.ws, name, exports.JAAR).astype(object)
        return frame.where(frame.notna(), None)

    def reasons(self) -> list[str]:
        return self["kwaliteit"]["reden"].tolist()


# --- Odoo -----------------------------------------------------------------------------------------


def test_a_workbook_with_dutch_labels_and_group_rows_gives_the_tables_of_the_csv_file(tmp_path):
    names = ("partners", "events", "registrations", "leads")
    by_file = process(tmp_path / "csv", *names)
    exports.write(tmp_path / "xlsx", **{n: None for n in exports.DEFAULTS if n not in names})
    group_by = {"registrations": "event_id/id", "events": "x_studio_thema"}
    for name in names:
        rows, group = exports.rows(name), group_by.get(name)
        exports.write_odoo_workbook(tmp_path / "xlsx", name, rows, group_by=group)
    by_book = process_written(tmp_path / "xlsx")
    tables = {
        "organisaties": "organisatie_id",
        "contacten": "contact_id",
        "activiteiten": "activiteit_id",
        "inschrijvingen": "inschrijving_id",
        "deelnames": "inschrijving_id",
        "vragen": "vraag_id",
    }
    for name, key in tables.items():
        left, right = (
            found[name].drop(columns=PLACE, errors="ignore").sort_values(key, ignore_index=True)
            for found in (by_file, by_book)
        )
        pd.testing.assert_frame_equal(left, right, obj=name)
    labels = [why for why in by_book.reasons() if why.startswith("groepsregel van de export")]
    assert len(labels) == 2 + 3  # two activities; two themes and none
    assert len(by_book["kwaliteit"]) == len(by_file["kwaliteit"]) + len(labels)


def test_the_apostrophe_before_what_looks_like_a_formula_is_no_part_of_it(tmp_path):
    found = process(
        tmp_path,
        *("partners", "events", "registrations"),
        partners=exports.changed("partners", 2, {"name": "'t Hof", "x_studio_alias": "'=Hof"}),
        events=exports.changed("events", 0, {"x_studio_thema": "'-18"}),
    )
    phones = found["identiteit"].set_index("inschrijving_id")["telefoon"]
    assert phones[["r2", "r3"]].tolist() == ["0470 00 00 02", "+32 470 00 00 01"]
    assert found["activiteiten"]["thema"][0] == "-18"
    organisation = found["organisaties"].iloc[2]
    assert (organisation["naam"], organisation["alias"]) == ("'t Hof", "=Hof")


def test_the_duration_is_the_one_written_down_not_end_minus_begin(tmp_path):
    cells = {"x_studio_duurtijd": "3.25", "date_end": "2021-02-03 20:00:00"}
    found = process(tmp_path, "events", events=exports.changed("events", 0, cells))
    assert found["activiteiten"]["duur_minuten"][0] == 195


def test_an_activity_belongs_to_the_year_in_which_it_begins(tmp_path):
    rows = exports.rows("events")
    rows[0] |= {"date_begin": "2021-12-31 23:30:00", "date_end": "2022-01-01 02:30:00"}
    rows[1] |= {"date_begin": "2020-12-31 23:30:00", "date_end": "2021-01-01 02:30:00"}
    found = process(tmp_path, "events", events=rows)
    assert found["activiteiten"]["telt_mee"].tolist() == [True, False, False, False]


def test_an_empty_tick_box_is_no_and_an_empty_number_is_not_zero(tmp_path):
    leads = exports.changed("leads", 0, {"x_studio_aantal_deelnemers": "0"})
    found = process(tmp_path, "partners", "events", "leads", leads=leads)
    assert found["organisaties"]["erkend"].tolist() == [True, True, False]
    assert found["vragen"]["actief"].tolist() == [True, False]
    assert found["vragen"]["deelnemers"].tolist() == [0, None]
    assert found["activiteiten"]["kostenraming_eur"].tolist() == [700, 1550, None, 100]


def test_who_booked_is_not_who_came_but_tells_the_organisation_when_nothing_else_does(tmp_path):
    rows = exports.changed("registrations", 3, {"partner_id/id": "c2", "company_name": "Elders"})
    found = process(tmp_path, "partners", "events", "registrations", registrations=rows)
    links = found["deelnames"].set_index("inschrijving_id")[["organisatie_id", "koppelwijze"]]
    assert links.to_numpy().tolist() == [
        ["o1", "e-mail"],
        ["o1", "e-mail"],
        ["o2", "naam"],
        ["o2", "boeker"],
    ]
    assert len(found["personen"]) == 3


# --- surveys --------------------------------------------------------------------------------------


def test_of_the_finished_answers_of_one_respondent_the_last_counts(tmp_path):
    rows = exports.rows("evaluations")
    rows[0], rows[1] = rows[1], rows[0]  # the last one given now stands first
    found = process(tmp_path, "events", "evaluations", evaluations=rows)["evaluaties"]
    assert found["antwoord_id"].tolist() == ["2", "1", "3", "4"]
    assert found["telt_mee"].tolist() == [True, False, False, True]
    assert found["reden_niet_geteld"].tolist() == [
        *(None, "zelfde respondent antwoordde later opnieuw", "niet afgerond", None)
    ]


def test_a_token_is_of_one_survey(tmp_path):
    exports.write(tmp_path)
    first = exports.path(tmp_path, "evaluations")
    first.with_name("results-survey700002.csv").write_bytes(first.read_bytes())
    assert process_written(tmp_path)["evaluaties"]["telt_mee"].sum() == 4


def test_an_empty_statement_is_missing_and_the_open_text_stays_in_the_export(tmp_path):
    found = process(tmp_path, "events", "evaluations")["evaluaties"]
    statements = [name for name in found if name.startswith("stelling_")]
    assert found.loc[1, statements].tolist() == ["5", "4", None, "5"]
    assert found["open_ingevuld"].tolist() == [False, True, False, True]
    texts = exports.stored_texts(exports.workspace(tmp_path))
    assert not [text for text in texts if "SOM(" in text or "<b>" in text]


def test_the_user_missing_99_is_no_answer_and_is_named(tmp_path):
    found = process(tmp_path, "survey", "survey_list")["sectorbevraging"]
    assert found["wp4"].tolist() == [None, 5, None]
    assert found["ws2"].tolist() == [4, None, None]
    assert found["wp3"].tolist() == [5, None, None]  # left empty: not named
    assert found["weet_niet"].tolist() == ["wp4", "ws2", None]


def test_the_survey_has_its_value_labels_and_whom_it_was_sent_to(tmp_path):
    found = process(tmp_path, "survey", "survey_list")["sectorbevraging"]
    assert found["kbo"].tolist() == ["0999000129", "0999000228", "0999000327"]
    assert found["type"].tolist() == ["thema", "regionaal", None]
    assert found["type_lijst"].tolist() == ["thema", "regionaal", "niet-erkend"]
    assert found["instromer_lijst"].tolist() == [False, True, False]
    assert [moment.day for moment in found["verzonden_op"]] == [5, 5, 8]
    assert found["beantwoord"].tolist() == [True, True, False]
    assert found["maat_4"].tolist() == [True, False, None]


def test_an_answer_from_outside_the_list_is_kept_as_not_sent(tmp_path):
    sent = exports.rows("survey_list")[1:]
    found = process(tmp_path, "survey", "survey_list", survey_list=sent)
    assert found["sectorbevraging"]["verzonden"].tolist() == [False, True, True]
    assert "antwoord van een organisatie die niet op de verzendlijst staat" in found.reasons()


# --- meetings -------------------------------------------------------------------------------------


def test_an_actor_is_known_by_name_or_abbreviation_in_any_case(tmp_path):
    found = process(tmp_path, "meetings", "actors")["overleg"]
    assert found["actor"].tolist() == ["Raad Esdoorn", "Kabinet Berk", "Kabinet Berk"]
    assert found["subcategorie"].tolist() == ["Adviesraden", "Kabinetten", "Kabinetten"]


def test_a_category_holds_for_its_whole_block(tmp_path):
    found = process(tmp_path, "meetings", "actors")["actoren"]
    assert found["categorie"].tolist() == ["Beleidsactoren", "Beleidsactoren"]


def test_a_date_typed_as_text_is_one_and_initials_are_divided_by_comma_or_slash(tmp_path):
    found = process(tmp_path, "meetings", "actors")["overleg"]
    assert [(day.day, day.month) for day in found["op"]] == [(6, 1), (13, 1), (1, 2)]
    assert found["medewerkers"].tolist() == ["AB, CD", "AB, EF", "AB"]


@pytest.mark.parametrize("remark", ["Geannuleerd", "VERPLAATST naar maart", " verplaatst"])
def test_what_was_called_off_or_moved_did_not_take_place(tmp_path, remark):
    rows = exports.changed("meetings", 0, {"Opmerking": remark})
    found = process(tmp_path, "meetings", "actors", meetings=rows)["overleg"]
    assert found["telt_mee"].tolist() == [False, True, False]


def test_a_remark_that_only_speaks_of_moving_changes_nothing(tmp_path):
    rows = exports.changed("meetings", 0, {"Opmerking": "Niet verplaatst"})
    found = process(tmp_path, "meetings", "actors", meetings=rows)["overleg"]
    assert found["telt_mee"].tolist() == [True, True, False]


# --- SISCA ----------------------------------------------------------------------------------------

SISCA_1 = """\
dossier;ondernemingsnr;naam;werksoort;activiteiten;deelnames;medewerkers;vte;leden;afdelingen;\
subsidie;inkomsten;uitgaven;vrijwilligers
SCVW-001;999000129;De Zonnebloem;beweging;1.120;;;19,67;;;;250.000,50;;
SCVW-002;BE0999.000.228;Café Écluse;beweging;0;;;;;;;90.000,00;;
"""


def process_sisca_1(root: Path) -> Tables:
    exports.write(root, **dict.fromkeys(exports.DEFAULTS))
    file = exports.path(root, "indicators").with_name("sisca_2020.csv")
    file.write_bytes(SISCA_1.encode("cp1252"))
    return process_written(root)


def test_sisca_1_writes_dutch_numbers_and_any_form_of_kbo_number(tmp_path):
    found = process_sisca_1(tmp_path)["sisca"]
    assert found[["kbo", "indicator", "waarde"]].to_numpy().tolist() == [
        ["0999000129", "ACT01", 1120],
        ["0999000129", "ORG02", 19.67],
        ["0999000129", "ORG07", 250000.5],
        ["0999000228", "ACT01", 0],
        ["0999000228", "ORG07", 90000],
    ]
    assert set(found["registratie"]) == {"SISCA 1.0"}
    assert set(found["werksoort"]) == {"beweging"}
    assert found["organisatie"].tolist()[-1] == "Café Écluse"


def test_sisca_2_has_a_sheet_per_module_and_no_werksoort(tmp_path):
    rows = exports.changed("activities", 0, {"Ondernemingsnummer": 999000129})  # a number cell
    found = process(tmp_path, "indicators", "activities", "organisation", activities=rows)["sisca"]
    assert found[["kbo", "indicator", "waarde"]].to_numpy().tolist() == [
        ["0999000129", "ACT01", 120],
        ["0999000129", "ACT02", 1800],
        ["0999000228", "ACT01", 0],
        ["0999000129", "ORG07", 250000.5],
        ["0999000228", "ORG07", 90000],
    ]
    assert set(found["registratie"]) == {"SISCA 2.0"}
    assert set(found["werksoort"]) == {None}
    assert set(found["module"]) == set(exports.MODULES)
    levels = found.groupby("indicator")["toegangsniveau"].first().to_dict()
    assert levels == {"ACT01": "publiek", "ACT02": "publiek", "ORG07": "afgeschermd"}


# --- policy plans ---------------------------------------------------------------------------------


def test_a_selection_counts_code_points_of_the_text(tmp_path):
    found = process(tmp_path, "partners", "plans", "codes", "codings")
    text = exports.rows("plans")[0]["text"]
    fragment = found["fragmenten"].iloc[1]
    assert text[fragment["begin"] : fragment["einde"]] == "🌻 mensen"
    assert found["plannen"]["tekens"].tolist() == [23, 20]
    assert found["plannen"]["organisatie_id"].tolist() == ["o1", "o2"]
    assert found["fragmenten"]["hoofdlezing"].tolist() == [True, False, True]
    assert found["plannen"]["proeflezing"].tolist() == [True, False]


# --- Mailchimp ------------------------------------------------------------------------------------


def test_only_who_is_subscribed_is_a_subscriber(tmp_path):
    found = process(tmp_path, "partners", "subscribed", "unsubscribed", "cleaned")
    assert set(found["abonnees"]["bestand"]) == {exports.FILES["subscribed"]}
    assert sorted(found.reasons()) == ["onbestelbaar adres"] * 2 + ["uitgeschreven"] * 2


def test_a_comma_inside_the_name_of_a_list_does_not_divide_it(tmp_path):
    found = process(tmp_path, "partners", "subscribed")["abonnees"]
    assert found[["abonnee", "lijst"]].to_numpy().tolist() == [
        [1, "E-zine"],
        [1, "Beleid, bestuur"],
        [2, "(geen)"],
    ]


def test_the_typed_organisation_is_known_by_its_alias_or_a_confirmed_link(tmp_path):
    with_links = process(tmp_path, "partners", "subscribed", "links")["abonnees"]
    assert with_links["organisatie_id"].tolist() == ["o1", "o1", "o1"]
    found = process(tmp_path, "partners", "subscribed")
    assert found["abonnees"]["organisatie_id"].tolist() == ["o1", "o1", None]
    assert found["abonnees"]["erkend"].tolist() == [True, True, False]
    (proposal,) = found["voorstellen"].to_dict("records")
    assert (proposal["getypte_naam"], proposal["voorstel"]) == ("Zonneblom", "De Zonnebloem")


# --- web ------------------------------------------------------------------------------------------


def test_matomo_comes_in_utf_16_and_counts_per_website(tmp_path):
    found = process(tmp_path, "matomo", "social")
    assert exports.path(tmp_path, "matomo").read_bytes().startswith(b"\xff\xfe")
    counts = found["webstatistiek"].set_index(["kanaal", "maat"])["waarde"]
    assert counts.to_dict() == {
        ("proef.example", "bezoekers"): 100,
        ("gids.example", "bezoekers"): 40,
        ("proef.example", "bezoeken"): 150,
        ("gids.example", "bezoeken"): 50,
        ("proef.example", "paginas"): 600,
        ("gids.example", "paginas"): 90,
        ("Twitter", "volgers"): 2199,
        ("Facebook", "volgers"): 1424,
    }


def test_an_empty_report_of_matomo_is_no_data_and_no_fault(tmp_path):
    exports.write(tmp_path, **{n: None for n in exports.DEFAULTS if n not in {"matomo", "social"}})
    file = exports.path(tmp_path, "matomo")
    file.write_bytes("No data available\n".encode("utf-16"))
    found = process_written(tmp_path)
    assert set(found["webstatistiek"]["kanaal"]) == {"Twitter", "Facebook"}
    assert found.reasons() == ["leeg verslag (No data available)"]


# --- the office -----------------------------------------------------------------------------------


def test_a_reversal_is_a_negative_amount_that_counts(tmp_path):
    found = process(tmp_path, "ledger")["grootboek"]
    assert found["bedrag_eur"].tolist() == [1200.5, -200.5, 3000]
    assert found["telt_mee"].all()
    assert found.groupby("soort")["bedrag_eur"].sum().to_dict() == {
        "uitgaven": 1000,
        "inkomsten": 3000,
    }


def test_the_offices_own_files_write_dutch_numbers_and_days_first(tmp_path):
    found = process(tmp_path, "ledger", "staff", "fte", "targets", "links")
    assert [(day.day, day.month) for day in found["grootboek"]["op"]] == [(4, 1), (5, 1), (6, 2)]
    assert found["personeel"]["inzet_pct"].tolist() == [90, 57.35]
    assert found["personeel"]["functie"].tolist() == ["coördinator", "stafmedewerker"]
    assert found["vte"][["reeksjaar", "vte"]].to_numpy().tolist() == [[2020, 16.5], [2021, 15.25]]
    assert found["streefwaarden"]["streefwaarde"].tolist() == [50, 105]
    assert found["koppelingen"]["kbo"].tolist() == ["0999000129", "0999000228"]
