"""Taking in a new year: what is proposed, what staff decides, and that the decisions take effect."""

import csv
import io
from datetime import datetime
from pathlib import Path

import exports
import next_year
import pandas as pd
import pytest
from typer.testing import CliRunner

from socius_lib import bulk, catalogue, store
from socius_lib.cli import app
from socius_lib.files import Sheet
from socius_lib.freshness import out_of_date
from socius_lib.instructions import INSTRUCTIONS
from socius_lib.new_year import prepare, take_in
from socius_lib.new_year.counts import Rows
from socius_lib.new_year.likeness import Unshown, propose_columns, propose_values
from socius_lib.new_year.lists import Decided, headers_of
from socius_lib.new_year.organisations import Organisation, compare
from socius_lib.new_year.page import write_page
from socius_lib.new_year.sheets import Part, part_of
from socius_lib.process import SOURCES, ensure_processed
from socius_lib.results import write_figures
from socius_lib.sharing.needles import read_values
from socius_lib.workspace import Workspace

SOURCE = {source.name: source for source in SOURCES}


# Where each export comes from


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_every_export_has_its_instruction_whose_file_the_workbench_knows_as_that_export(source):
    file = "/".join(filter(None, (source.folder, INSTRUCTIONS[source.name].file_of(2022))))
    assert [one.name for one in SOURCES if one.holds(file)] == [source.name]
    assert INSTRUCTIONS[source.name].steps


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("odoo/evenement_event.event.csv", "events"),
        ("odoo/Evenement (event.event) (1).CSV", "events"),
        ("odoo/Evenementinschrijving-event_registration.xlsx", "registrations"),
        ("web/Sociale_Media 2022.csv", "social"),
        ("zakelijk/Grootboek-2022.xlsx", "ledger"),
    ],
)
def test_case_and_signs_in_the_name_of_a_file_do_not_matter(file, name):
    assert [source.name for source in SOURCES if source.holds(file)] == [name]


# Headers and values


def part(name: str, headers: list[str], *rows: list[str]) -> Part:
    """A sheet of an export as it is laid beside its columns."""
    columns = catalogue.table(SOURCE[name].tables[0]).columns
    cells = {at: tuple(row) for at, row in enumerate(rows, start=2)}
    return part_of(
        SOURCE[name], "", Sheet(f"{name}.csv", None, "nl", 1, tuple(headers), cells), columns
    )


LEDGER = ["datum", "soort", "post", "doelstelling", "bedrag"]


def headers_meant(found: Part, before: Part | None = None) -> dict[str, str | None]:
    proposed = propose_columns(found, {"": before} if before else {})
    return {alias.written: alias.meant for alias in proposed}


@pytest.mark.parametrize("header", ["Bedrag in euro", "BEDRAGEN", "bedrag (EUR)"])
def test_a_header_is_proposed_for_the_column_whose_name_it_looks_like(header):
    found = part("ledger", [*LEDGER[:4], header], ["4/1/2022", "uitgaven", "Werking", "", "12,50"])
    assert headers_meant(found) == {header: "bedrag_eur"}


def test_a_header_unlike_any_name_is_proposed_by_the_values_under_it():
    row = ["4/1/2022", "inkomsten", "Werking", "SD1", "12,50"]
    found = part("ledger", ["datum", "in of uit", "post", "waarvoor", "bedrag"], row)
    assert headers_meant(found, part("ledger", LEDGER, row)) == {
        "in of uit": "soort",  # the column knows 'inkomsten'
        "waarvoor": "doelstelling",  # SD1 stood there last year
    }


def test_a_header_whose_cells_the_column_cannot_read_is_not_proposed_for_it():
    found = part(
        "ledger", [*LEDGER[:4], "bedragen"], ["4/1/2022", "uitgaven", "Werking", "", "veel"]
    )
    (alias,) = propose_columns(found, {})
    assert (alias.written, alias.meant) == ("bedragen", None)
    assert "Bedrag" in alias.why


def test_of_two_headers_that_look_like_a_column_one_is_proposed():
    headers = [*LEDGER[:4], "bedrag in euro", "bedrag in dollar"]
    found = part("ledger", headers, ["4/1/2022", "uitgaven", "Werking", "", "1,00", "1,10"])
    assert list(headers_meant(found).values()) == ["bedrag_eur"]


def test_a_header_too_many_is_no_question():
    found = part("ledger", [*LEDGER, "noot"], ["4/1/2022", "uitgaven", "Werking", "", "1,00", "x"])
    assert propose_columns(found, {}) == []
    assert found.left_over == {5: "noot"}


def values_meant(found: Part, before: Part | None = None) -> dict[str, str | None]:
    proposed = propose_values(found, {"": before} if before else {})
    return {alias.written: alias.meant for alias in proposed}


def kinds(*values: str) -> Part:
    return part("ledger", LEDGER, *(["4/1/2022", value, "Werking", "", "1,00"] for value in values))


def test_an_unknown_value_is_proposed_for_the_one_it_looks_like():
    assert values_meant(kinds("uitgave", "inkomsten")) == {"uitgave": "uitgaven"}


def test_an_unknown_value_unlike_any_is_proposed_for_the_only_one_that_is_gone():
    before = kinds("uitgaven", "inkomsten")
    assert values_meant(kinds("kost", "inkomsten"), before) == {"kost": "uitgaven"}
    assert values_meant(kinds("kost", "baat"), before) == {"kost": None, "baat": None}


def test_a_category_that_looks_like_one_that_is_gone_is_proposed_and_other_new_ones_are_not():
    rows = [["4/1/2022", "uitgaven", post, "", "1,00"] for post in ["Personeel", "Huur"] * 3]
    before = part("ledger", LEDGER, *rows)
    now = [
        ["4/1/2023", "uitgaven", post, "", "1,00"] for post in ["Personeelskost", "Huur", "Auto"]
    ]
    assert values_meant(part("ledger", LEDGER, *now), before) == {"Personeelskost": "Personeel"}
    now.append([*now[1][:2], "PERSONEEL.", "", "1,00"])  # is there, case and signs aside
    assert values_meant(part("ledger", LEDGER, *now), before) == {}


def test_unknown_values_where_a_name_may_stand_are_counted_and_not_shown():
    headers = [column.aliases[0] for column in catalogue.INSCHRIJVINGEN.columns if column.aliases]
    row = dict.fromkeys(headers, "x") | {"x_studio_functie": "Noor Aerts", "state": "done"}
    found = list(propose_values(part("registrations", headers, list(row.values())), {}))
    assert found == [Unshown("registrations.csv", "x_studio_functie", "beroep", 1, 1)]


# Rows


@pytest.mark.parametrize(
    ("rows", "before", "left_out", "left_out_before", "told"),
    [
        (133, 100, 0, 0, None),
        (134, 100, 0, 0, "veel meer rijen"),
        (67, 100, 0, 0, None),
        (66, 100, 0, 0, "veel minder rijen"),
        (19, 5, 0, 0, None),  # few
        (20, 5, 0, 0, "veel meer rijen"),
        (0, 100, 0, 0, "veel minder rijen"),
        (100, 100, 30, 20, None),
        (100, 100, 31, 20, "31 % telt niet mee, vorig jaar 20 %"),
        (None, 100, 0, 0, None),
    ],
)
def test_a_jump_is_more_than_a_third_or_ten_points_and_not_of_few_rows(
    rows, before, left_out, left_out_before, told
):
    assert Rows("x", "", rows, before, left_out, left_out_before).warning == told


# Organisations


def organisation(identifier, name, kbo=None, mails=(), *, recognised=True) -> Organisation:
    return Organisation(identifier, name, kbo, recognised, frozenset(mails))


ZON = organisation("o1", "De Zonnebloem", "0999000129", ["an@zonnebloem.be", "bo@zonnebloem.be"])
MAAN = organisation("o2", "Huis Maan", "0999000228", ["cis@maan.be"])
OTHERS = [organisation(f"x{at}", f"Huis {name}") for at, name in enumerate("ABCD")]


def changes(
    now: list[Organisation], before: list[Organisation]
) -> list[tuple[str, str, str | None]]:
    found = compare([*now, *OTHERS], [*before, *OTHERS]).changes
    return [(one.kind, one.before.name, one.now.name if one.now else None) for one in found]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (ZON, []),
        (organisation("o1", "de ZONNEBLOEM vzw", ZON.kbo), []),  # written otherwise
        (
            organisation("o9", "Zonder Grens", ZON.kbo),
            [("hernoemd", "De Zonnebloem", "Zonder Grens")],
        ),
        (organisation("o1", "Zonder Grens"), [("hernoemd", "De Zonnebloem", "Zonder Grens")]),
        # Another number under the same id is another organisation.
        (organisation("o1", "Sport", "0999000327"), [("verdwenen", "De Zonnebloem", None)]),
    ],
)
def test_an_organisation_is_renamed_when_its_number_or_else_its_id_stays(now, expected):
    assert changes([now], [ZON]) == expected


@pytest.mark.parametrize(
    ("new", "why"),
    [
        (organisation("n", "Zonnebloem & Maan"), "staat in de naam"),
        (organisation("n", "Samen", mails=["an@zonnebloem.be", "x@samen.be"]), "1 van 2"),
        (organisation("n", "Samen", mails=["eva@zonnebloem.be"]), "maildomein"),
    ],
)
def test_a_merged_organisation_is_known_by_its_name_its_contacts_or_its_mail_domain(new, why):
    (change,) = compare([new, *OTHERS], [ZON, *OTHERS]).changes
    assert (change.kind, change.before, change.now) == ("gefusioneerd", ZON, new)
    assert why in change.why


def test_a_word_that_many_names_share_makes_no_successor():
    assert changes([], [organisation("o2", "Huis M")]) == [("verdwenen", "Huis M", None)]


def test_who_is_gone_is_asked_about_when_recognised_or_when_it_took_part():
    shop = organisation("s", "Winkel", recognised=False)
    assert compare([ZON], [ZON, shop]).changes == ()
    (change,) = compare([ZON], [ZON, shop], took_part={"s"}).changes
    assert (change.kind, change.why) == ("verdwenen", "nam vorig jaar deel")


def test_who_is_newly_recognised_or_no_longer_is_told():
    lost = organisation("o1", "De Zonnebloem", ZON.kbo, recognised=False)
    found = compare([lost, MAAN], [ZON])
    assert (found.new, found.recognised, found.no_longer) == (
        ("Huis Maan",),
        ("Huis Maan",),
        ("De Zonnebloem",),
    )


# Decisions take effect

YES = {"beslissing": "ja", "bevestigd door": "AB", "bevestigd op": "15/1/2022"}


def decide(
    ws: Workspace, *rows: dict[str, str], jaar: int = exports.JAAR, table="aliassen"
) -> Path:
    """Write a list with these rows, each confirmed unless it says otherwise."""
    headers = headers_of(catalogue.table(table))
    name = "aliassen.csv" if table == "aliassen" else "organisaties.csv"
    path = ws.raw_year(jaar) / "beslissingen" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO(newline="")
    sheet = csv.DictWriter(text, headers, restval="", delimiter=";")
    sheet.writeheader()
    sheet.writerows({**YES, **row} for row in rows)
    path.write_bytes(text.getvalue().encode("cp1252"))
    return path


def header(table: str, written: str, meant: str, **more: str) -> dict[str, str]:
    return {
        "soort": "kolom",
        "tabel": table,
        "zoals in de export": written,
        "bedoeld": meant,
        **more,
    }


def value(table: str, column: str, written: str, meant: str) -> dict[str, str]:
    return {**header(table, written, meant), "soort": "waarde", "kolom": column}


def other_events() -> exports.Rows:
    """Activities whose form and duration stand under other headers, and are called otherwise."""
    names = {"x_studio_vorm": "Vormtype", "x_studio_duurtijd": "Uren"}
    rows = [{names.get(h, h): cell for h, cell in row.items()} for row in exports.rows("events")]
    for row in rows:
        row["Vormtype"] = {"Online": "Digitaal"}.get(row["Vormtype"], row["Vormtype"])
        row["x_studio_thema"] = row["x_studio_thema"].replace("Bestuur", "Bestuurswerk")
    return rows


EVENTS = (
    header("activiteiten", "Vormtype ", "vorm"),
    header("activiteiten", "uren", "Duurtijd"),  # the label serves too
    value("activiteiten", "vorm", "digitaal", "online"),
    value("activiteiten", "thema", "Bestuurswerk", "Bestuur"),
)


def refused(ws: Workspace, jaar: int = exports.JAAR) -> tuple[str, ...]:
    return ensure_processed(ws, jaar)[-1].refused


@pytest.mark.parametrize("large", [False, True])
def test_confirmed_aliases_are_read_as_those_of_the_catalogue(tmp_path, monkeypatch, large):
    plain = exports.write(tmp_path / "plain")
    assert refused(plain) == ()
    ws = exports.write(tmp_path / "other", events=other_events())
    decide(ws, *EVENTS)
    if large:
        monkeypatch.setattr(bulk, "LARGE", 1)
    assert refused(ws) == ()
    for table in ("activiteiten", "inschrijvingen", "evaluaties"):
        rows = [store.read_partition(one, table, exports.JAAR) for one in (ws, plain)]
        found, expected = (of.drop(columns="persoon_id", errors="ignore") for of in rows)
        pd.testing.assert_frame_equal(found, expected, obj=table)


def test_only_a_yes_with_initials_counts_and_the_rest_is_kept_with_its_reason(tmp_path):
    ws = exports.write(tmp_path, ledger=None)
    undecided = header("activiteiten", "a", "vorm", beslissing="", **{"bevestigd door": ""})
    decide(
        ws,
        undecided,
        header("activiteiten", "b", "vorm", beslissing="nee"),
        header("activiteiten", "c", "vorm", **{"bevestigd door": ""}),
        header("activiteiten", "d", ""),
    )
    assert refused(ws) == ()
    assert len(store.read_partition(ws, "aliassen", exports.JAAR)) == 0
    findings = store.read_partition(ws, "kwaliteit", exports.JAAR)
    of_list = findings[findings["bestand"] == "beslissingen/aliassen.csv"]
    assert dict(zip(of_list["rij"], of_list["reden"], strict=True)) == {
        2: "nog niet beslist",
        3: "beslist: nee",
        4: "'bevestigd door' is leeg",
        5: "'bedoeld' is leeg",
    }


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([header("activiteit", "a", "vorm")], ["kolom tabel", "Bedoel je 'activiteiten'"]),
        ([header("activiteiten", "a", "vromen")], ["kolom bedoeld", "Bedoel je 'vorm'"]),
        ([header("activiteiten", "Thema", "vorm")], ["'Thema' betekent al 'thema'"]),
        (
            [header("activiteiten", "a", "vorm"), header("activiteiten", "b", "vorm")],
            ["rij 3", "de kolom 'vorm' staat ook op rij 2"],
        ),
        (
            [header("activiteiten", "a", "vorm"), header("activiteiten", "A ", "thema")],
            ["rij 3", "'A' staat ook op rij 2"],
        ),
        ([value("activiteiten", "vorm", "Hybride", "gemengd")], ["waarde 'gemengd'", "blended"]),
        ([value("activiteiten", "vorm", "Online", "blended")], ["'Online' betekent al 'online'"]),
        ([value("inschrijvingen", "naam", "An", "Bo")], ["kunnen namen staan"]),
        ([value("deelnames", "vorm", "a", "online")], ["de tabel 'deelnames' leest geen kolom"]),
    ],
)
def test_an_alias_that_cannot_be_is_refused_with_file_and_row(tmp_path, rows, told):
    ws = exports.write(tmp_path)
    decide(ws, *rows)
    (problem,) = refused(ws)
    assert problem.startswith("`beslissingen/aliassen.csv`, rij ")
    for text in told:
        assert text in problem
    assert len(store.read_partition(ws, "deelnames", exports.JAAR)) == 4  # the rest goes on


def test_a_decision_holds_for_later_years_and_a_later_one_goes_before_it(tmp_path):
    ws = exports.write(tmp_path)
    ledger = "datum;soort;rubriek;doelstelling;bedrag\n4/1/2022;uitgaven;Werking;SD1;1,00\n"
    later = ws.raw_year(2022) / "zakelijk" / "grootboek_2022.csv"
    later.parent.mkdir(parents=True)
    later.write_text(ledger, encoding="utf-8")
    assert "ontbreekt" in refused(ws, 2022)[0]
    decide(ws, header("grootboek", "rubriek", "doelstelling"))
    assert out_of_date(ws, 2022) == "een vroeger jaar is gewijzigd" or out_of_date(ws, 2021)
    assert "betekenen hetzelfde" in refused(ws, 2022)[0]
    decide(ws, header("grootboek", "rubriek", "post"), jaar=2022)
    assert out_of_date(ws, 2022) == "de exports zijn gewijzigd"
    assert refused(ws, 2022) == ()
    assert list(store.read_partition(ws, "grootboek", 2022)["post"]) == ["Werking"]
    files = store.read_partition(ws, "bestanden", 2022)["bestand"]
    assert {"../2021/beslissingen/aliassen.csv", "beslissingen/aliassen.csv"} <= set(files)


def former(name: str, kbo: str, kind: str = "gefusioneerd") -> dict[str, str]:
    return {"soort": kind, "vroegere naam": name, "naam nu": "x", "KBO-nummer nu": kbo}


def test_who_types_a_former_name_counts_for_the_organisation_of_now(tmp_path):
    ws = exports.write(tmp_path)
    path = decide(ws, former("bibliotek duinrand", exports.KBO[1]), table="organisatiewijzigingen")
    assert refused(ws) == ()
    rows = store.read_partition(ws, "deelnames", exports.JAAR).set_index("inschrijving_id")
    assert rows.loc["r4", ["organisatie_id", "koppelwijze"]].tolist() == ["o2", "koppeling"]
    path.unlink()
    assert refused(ws) == ()
    rows = store.read_partition(ws, "deelnames", exports.JAAR).set_index("inschrijving_id")
    assert rows.loc["r4", "koppelwijze"] == "onbekend"


def test_a_former_name_of_two_organisations_is_refused(tmp_path):
    ws = exports.write(tmp_path)
    names = former("Oud", exports.KBO[0]), former("OUD vzw", exports.KBO[1])
    decide(ws, *names, table="organisatiewijzigingen")
    assert (
        "rij 3" in refused(ws)[0] and "al bevestigd voor KBO-nummer 0999.000.129" in refused(ws)[0]
    )
    decide(ws, former("Ecluze", exports.KBO[2]), table="organisatiewijzigingen")
    assert "koppelingen.csv" in refused(ws)[0]  # there it is Café Écluse
    assert len(store.read_partition(ws, "koppelingen", exports.JAAR)) == 2


# The command


def new_year(ws: Workspace, jaar: int) -> str:
    options = ["new-year", str(jaar), "--bron", ws.bron, "--root", str(ws.root)]
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


def test_before_anything_has_come_the_folders_are_made_and_every_export_is_told(tmp_path):
    ws = exports.write(tmp_path)
    output = new_year(ws, 2022)
    assert (ws.raw_year(2022) / "odoo").is_dir()
    page = (ws.raw_year(2022) / "beslissingen" / "te_beslissen.md").read_text(encoding="utf-8")
    for source in SOURCES:
        if source.expected:
            assert source.label in page
            assert INSTRUCTIONS[source.name].steps[0] in page
    assert "exports die nog ontbreken" in output
    assert not (ws.raw_year(2022) / "beslissingen" / "aliassen.csv").exists()


def test_a_file_of_no_export_is_told_with_the_export_that_it_looks_like(tmp_path):
    ws = exports.write(tmp_path)
    (ws.raw_year(2021) / "odoo" / "Evenementen 2021.csv").write_text("a\n1\n", encoding="utf-8")
    (ws.raw_year(2021) / "vakantie.pdf").write_text("x", encoding="utf-8")
    prepare(ws, 2021)
    found = {one.file: one.looks_like for one in take_in(ws, 2021).strangers}
    assert found["odoo/Evenementen 2021.csv"] == SOURCE["events"]
    assert found["vakantie.pdf"] is None


def test_a_misspelt_data_set_makes_no_folder(tmp_path):
    ws = exports.write(tmp_path)
    options = ["new-year", "2022", "--bron", "proeef", "--root", str(ws.root)]
    result = CliRunner().invoke(app, options)
    assert (result.exit_code, "Bedoel je 'proef'?" in result.output) == (1, True)
    assert not (ws.root / "data" / "raw" / "proeef").exists()


def read_list(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened, delimiter=";"))


def test_what_staff_wrote_in_a_list_stays_and_proposals_come_behind_it(tmp_path):
    ws = exports.write(tmp_path, events=other_events())
    mine = header(
        "activiteiten", "Vormtype", "thema", beslissing="nee", **{"waarom voorgesteld": "!"}
    )
    path = decide(ws, mine)
    new_year(ws, 2021)
    rows = read_list(path)
    assert {name: rows[0][name] for name in mine} == mine
    assert [(row["zoals in de export"], row["bedoeld"], row["beslissing"]) for row in rows[1:]] == [
        ("Uren", "duur_minuten", ""),
        ("Digitaal", "", ""),
    ]
    before = path.read_bytes()
    new_year(ws, 2021)
    assert path.read_bytes() == before


def test_a_yes_without_initials_or_without_what_is_meant_still_waits(tmp_path):
    ws = exports.write(tmp_path)
    prepare(ws, 2021)
    decide(
        ws,
        header("activiteiten", "a", "vorm"),
        header("activiteiten", "b", "thema", **{"bevestigd door": ""}),
        header("activiteiten", "c", ""),
        header("activiteiten", "d", "naam", beslissing="Nee"),
        header("activiteiten", "e", "naam", beslissing=""),
    )
    assert take_in(ws, 2021).decided["aliassen.csv"] == Decided(waiting=3, yes=1, no=1)


def test_who_stands_under_a_confirmed_header_is_searched_for_in_what_is_shared(tmp_path):
    rows = exports.rows("registrations")
    named = [{"Wie" if h == "name" else h: cell for h, cell in row.items()} for row in rows]
    ws = exports.write(tmp_path, registrations=named)
    assert exports.NAMES[2] not in read_values(ws, [2021]).names
    decide(ws, header("inschrijvingen", "Wie", "naam"))
    assert exports.NAMES[2] in read_values(ws, [2021]).names


@pytest.fixture(scope="module")
def as_before(tmp_path_factory) -> Workspace:
    """2022 with the headers of 2021, and with the links of the former names confirmed."""
    ws = next_year.write(tmp_path_factory.mktemp("as_before"), as_before=True)
    assert ensure_processed(ws, 2022)[-1].refused == ()
    write_figures(ws, 2022)
    return ws


def test_a_year_that_looks_different_gives_the_same_figures_once_all_is_confirmed(
    tmp_path, as_before
):
    ws = next_year.write(tmp_path)
    output = new_year(ws, 2022)
    lists = ws.raw_year(2022) / "beslissingen"
    aliases, merged = read_list(lists / "aliassen.csv"), read_list(lists / "organisaties.csv")
    assert {(row["tabel"], row["kolom"], row["zoals in de export"], row["bedoeld"]) for row in aliases} == {
        ("activiteiten", "", "Vormtype", "vorm"),
        ("activiteiten", "", "Duur in uren", "duur_minuten"),
        ("activiteiten", "vorm", "Hybride", "blended"),
        ("inschrijvingen", "", "Organisatie (getypt)", "getypte_organisatie"),
        ("inschrijvingen", "", "Toestand", "status"),
        ("sisca", "", "KBO-nummer", "kbo"),
        ("sisca", "indicator", "ORG12", "ORG02"),
        ("grootboek", "", "Bedrag in euro", "bedrag_eur"),
    }  # fmt: skip
    assert {(row["soort"], row["vroegere naam"], row["naam nu"]) for row in merged} == {
        ("hernoemd", *next_year.RENAMED[:2]),
        *(("gefusioneerd", name, next_year.NEW[0]) for name in next_year.MERGED),
    }
    assert "8 kolomkoppen en waarden te beslissen 3 organisaties te beslissen" in output
    assert "Niet te lezen: `odoo/Evenement (event.event).csv`, rij 1" in output
    confirm(lists / "aliassen.csv", aliases)
    confirm(lists / "organisaties.csv", merged)
    assert "0 kolomkoppen en waarden te beslissen 0 organisaties te beslissen" in new_year(ws, 2022)
    figures = write_figures(ws, 2022).computed
    assert figures["aanbod.activiteiten.totaal"].value == 62
    files = [one.reports(2022) / "kengetallen.csv" for one in (ws, as_before)]
    assert files[0].read_bytes() == files[1].read_bytes()


def confirm(path: Path, rows: list[dict[str, str]]) -> None:
    """Say yes to all, as a spreadsheet saves it."""
    with path.open("w", encoding="cp1252", newline="") as opened:
        sheet = csv.DictWriter(opened, list(rows[0]), delimiter=";")
        sheet.writeheader()
        sheet.writerows({**row, **YES} for row in rows)


def test_without_the_confirmed_names_their_participations_would_have_no_organisation(as_before):
    rows = store.read_partition(as_before, "deelnames", 2022)
    assert (rows["koppelwijze"] == "koppeling").sum() > 50
    assert datetime(2022, 1, 1) <= rows["begint_op"].min()


def test_the_list_tells_no_person(tmp_path):
    ws = exports.write(tmp_path, events=other_events())
    prepare(ws, 2021)
    page = write_page(ws, take_in(ws, 2021)).read_text(encoding="utf-8")
    lists = [
        path.read_text(encoding="utf-8-sig")
        for path in ws.raw_year(2021).glob("beslissingen/*.csv")
    ]
    told = "\n".join([page, *lists]).casefold()
    assert [text for text in exports.PERSONAL if text.casefold() in told] == []
