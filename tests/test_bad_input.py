"""What is wrong in an export: refused with a way out, or kept as a finding. The rest counts on.

After every run of these tests no text that came of it, printed or stored, identifies a person.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import exports
import pandas as pd
import pytest
from typer.testing import CliRunner

from socius_lib import catalogue, show, store
from socius_lib.cli import app
from socius_lib.errors import MissingTable
from socius_lib.workspace import Workspace

NOT_COUNTED, WITHOUT, LOOK = "telt niet mee", "telt mee zonder die waarde", "telt mee, nakijken"
NOT_READ = "bestand niet gelezen"
SCRIPT = "<script>alert(1)</script>"


@dataclass(frozen=True)
class Run:
    """What came of one run of the command."""

    ws: Workspace
    status: int
    output: str

    def table(self, name: str) -> pd.DataFrame:
        return store.read_partition(self.ws, name, exports.JAAR)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table but what tells of the reading; a pseudonym is another one in every run."""
        names = [name for name in catalogue.TABLES if exports.JAAR in store.years_of(self.ws, name)]
        return {
            name: self.table(name).drop(columns="persoon_id", errors="ignore")
            for name in names
            if name not in {"kwaliteit", "bestanden"}
        }

    def findings(self, export: str) -> pd.DataFrame:
        findings = self.table("kwaliteit").astype(object)
        findings = findings.where(findings.notna(), None)
        return findings[findings["bestand"] == exports.FILES[export]]


def run(root: Path, command: str = "process", jaar: int = exports.JAAR) -> Run:
    options = [command, str(jaar), "--bron", exports.BRON, "--root", str(root)]
    result = CliRunner().invoke(app, options)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    ws = Workspace(root, exports.BRON)
    told = "\n".join([result.output, *exports.stored_texts(ws)]).casefold()
    assert [text for text in exports.PERSONAL if text.casefold() in told] == []
    return Run(ws, result.exit_code, result.output)


@pytest.fixture(scope="module")
def clean(tmp_path_factory) -> Run:
    """The run of exports in which nothing is wrong."""
    root = tmp_path_factory.mktemp("clean")
    exports.write(root)
    return run(root)


def assert_same(found: Run, clean: Run, *, but: set[str] = frozenset()) -> None:
    """Every table is as if nothing had been wrong, but for those that it was about."""
    left, right = found.tables(), clean.tables()
    assert set(left) | but == set(right) | but
    for name in set(left) - but:
        pd.testing.assert_frame_equal(left[name], right[name], obj=name)


def only(*names: str) -> dict[str, None]:
    """What leaves out every export but these."""
    return {name: None for name in exports.DEFAULTS if name not in names}


def test_exports_without_faults_are_processed(clean):
    assert clean.status == 0
    assert clean.output.endswith("data/processed/proef/\n")
    assert len(clean.table("deelnames")) == 4


def test_a_year_of_which_there_is_nothing_is_refused_naming_the_years_there_are(tmp_path):
    exports.write(tmp_path, **only("ledger"))
    found = run(tmp_path, jaar=2019)
    assert found.status == 1
    assert "Er zijn geen exports van 2019 voor bron 'proef' (wel: 2021)" in found.output
    assert "Zet ze in data/raw/proef/2019/." in found.output


# --- a source is missing --------------------------------------------------------------------------


def test_without_one_source_the_rest_runs_and_what_needs_it_says_so(tmp_path, clean):
    exports.write(tmp_path, registrations=None)
    found = run(tmp_path)
    lost = {"inschrijvingen", "deelnames", "personen", "identiteit"}
    assert found.status == 0
    assert "Niet aanwezig voor 2021" in found.output
    assert "Odoo: inschrijvingen" in found.output
    assert lost.isdisjoint(found.tables())
    assert_same(found, clean, but=lost | {"voorstellen"})
    with pytest.raises(MissingTable, match=r"geen tabel 'deelnames' van 2021.*ontbreekt"):
        found.table("deelnames")
    figures = run(tmp_path, "figures")
    assert figures.status == 0
    (line, *_) = [line for line in figures.output.splitlines() if "Niet berekend: " in line]
    assert "deelnames" in line


@pytest.mark.parametrize(
    ("source", "needed", "names", "kept"),
    [
        ("partners", "organisaties en contacten", ("registrations", "leads"), {"activiteiten"}),
        ("partners", "organisaties", ("subscribed", "cleaned"), {"activiteiten"}),
        ("events", "activiteiten", ("evaluations",), {"organisaties", "contacten"}),
    ],
)
def test_a_source_that_needs_one_that_is_missing_is_refused(tmp_path, source, needed, names, kept):
    exports.write(tmp_path, **only("partners", "events", *names) | {source: None})
    found = run(tmp_path)
    assert found.status == 1
    reason = f"niet te lezen zonder de tabel {needed}. Zorg eerst voor die export."
    assert reason in found.output
    for name in names:
        (finding,) = found.findings(name).to_dict("records")
        assert finding["reden"].endswith(reason)
        assert finding["gevolg"] == NOT_READ
    assert set(found.tables()) == kept


@pytest.fixture(scope="module")
def bare(tmp_path_factory) -> Run:
    root = tmp_path_factory.mktemp("bare")
    exports.write(root, **only("partners", "events"))
    return run(root)


def test_every_source_that_is_not_there_is_named(bare, clean):
    assert bare.status == 0
    (line,) = [line for line in bare.output.splitlines() if line.startswith("Niet aanwezig")]
    assert line.count(",") == 16
    assert_same(
        bare, clean, but=set(catalogue.TABLES) - {"organisaties", "contacten", "activiteiten"}
    )


# --- a file that cannot be read -------------------------------------------------------------------

LEAVES = [name for name in exports.FILES if name not in {"partners", "events", "survey_list"}]


@pytest.fixture(scope="module")
def emptied(tmp_path_factory) -> Run:
    root = tmp_path_factory.mktemp("emptied")
    exports.write(root)
    for name in LEAVES:
        exports.path(root, name).write_bytes(b"")
    return run(root)


@pytest.mark.parametrize("name", LEAVES)
def test_an_empty_file_is_refused_and_the_others_are_read(emptied, clean, name):
    assert emptied.status == 1
    (finding,) = emptied.findings(name).to_dict("records")
    assert finding["gevolg"] == NOT_READ
    said = finding["reden"]
    assert f"Fout: {said}\n" in emptied.output
    assert "leeg. Exporteer het" in said or "geen leesbaar SPSS-bestand" in said
    if name not in {"subscribed", "unsubscribed"}:  # refused with the first of the three
        assert said.startswith(f"`{exports.FILES[name]}`: ")
    kept = {"organisaties", "contacten", "activiteiten"}
    assert_same(emptied, clean, but=set(catalogue.TABLES) - kept)


BROKEN: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "meetings": (lambda raw: b"Datum;Actor\r\n6/1/2021;KB\r\n", "geen Excel-werkboek"),
    "indicators": (lambda raw: raw[: len(raw) // 2], "geen Excel-werkboek"),
    "survey": (lambda raw: b"geen SPSS" + raw, "geen leesbaar SPSS-bestand"),
    "plans": (lambda raw: b"<Project/>", "geen REFI-QDA-project: geen zip"),
    "leads": (lambda raw: raw.replace(b'"l2"', b'"l2'), "geen leesbaar CSV-bestand"),
    "ledger": (lambda raw: raw.replace(b";uitgaven", b";;uitgaven"), "staat een waarde verschoven"),
    "staff": (lambda raw: raw + b"\x81\xff", "geen tekst in UTF-8, UTF-16 of cp1252"),
}


@pytest.fixture(scope="module")
def broken(tmp_path_factory) -> Run:
    root = tmp_path_factory.mktemp("broken")
    exports.write(root)
    for name, (spoil, _) in BROKEN.items():
        file = exports.path(root, name)
        file.write_bytes(spoil(file.read_bytes()))
    return run(root)


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_is_not_what_it_is_called_is_refused_with_a_way_out(broken, clean, name):
    assert broken.status == 1
    (line,) = [line for line in broken.output.splitlines() if f"`{exports.FILES[name]}`" in line]
    assert line.startswith("Fout: ")
    assert BROKEN[name][1] in line
    assert any(word in line for word in ("opnieuw", "ewaar het", "aanhalingstekens"))
    assert broken.findings(name)["gevolg"].tolist() == [NOT_READ]
    lost = {"overleg", "actoren", "sisca", "sectorbevraging", "plannen", "codes", "fragmenten"}
    assert_same(broken, clean, but=lost | {"vragen", "grootboek", "personeel"})


# --- columns --------------------------------------------------------------------------------------

RENAMED = {
    "registrations": ("state", "statte"),
    "leads": ("stage_id", "stage_ids"),
    "evaluations": ("attribute_1", "attribute_10"),
    "survey": ("impact", "impact_2"),
    "survey_list": ("Verzonden op", "Verzonden"),
    "meetings": ("Initiatief", "Initiatieven"),
    "subscribed": ("Organisatie", "Organisaties"),
    "matomo": ("nb_visits", "nb_visit"),
    "social": ("volgers", "volger"),
    "ledger": ("bedrag", "bedragen"),
    "staff": ("kernopdracht", "kernopdrachten"),
    "fte": ("vte op payroll", "vte op de payroll"),
    "targets": ("kengetal", "kengetallen"),
    "links": ("bevestigd door", "bevestigd"),
}


def renamed(name: str, old: str, new: str) -> exports.Rows:
    return [
        {(new if header == old else header): cell for header, cell in row.items()}
        for row in exports.rows(name)
    ]


@pytest.fixture(scope="module")
def lacking(tmp_path_factory) -> Run:
    root = tmp_path_factory.mktemp("lacking")
    exports.write(root, **{name: renamed(name, *names) for name, names in RENAMED.items()})
    return run(root)


@pytest.mark.parametrize("name", [name for name in RENAMED if name != "survey_list"])
def test_a_missing_column_is_named_with_the_header_that_comes_nearest(lacking, clean, name):
    old, new = RENAMED[name]
    assert lacking.status == 1
    (line,) = [line for line in lacking.output.splitlines() if f"`{exports.FILES[name]}`" in line]
    assert f"de kolom '{old}'" in line
    assert f"ontbreekt. Is het '{new}'?" in line
    assert "Voeg ze toe aan de export" in line
    assert lacking.findings(name)["gevolg"].tolist() == [NOT_READ]
    assert_same(
        lacking,
        clean,
        but=set(catalogue.TABLES) - {"organisaties", "activiteiten", "sisca", "codes"},
    )


def test_two_columns_that_mean_the_same_are_refused(tmp_path):
    ledger = [{**row, "Bedrag ": row["bedrag"]} for row in exports.rows("ledger")]
    exports.write(tmp_path, **only("ledger", "fte") | {"ledger": ledger})
    found = run(tmp_path)
    assert found.status == 1
    assert "rij 1: de kolommen 'bedrag' en 'Bedrag' betekenen hetzelfde. Verwijder er een." in (
        found.output
    )
    assert set(found.tables()) == {"vte"}


# --- encodings ------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-16-le", "utf-8", "utf-8-sig"])
def test_the_encoding_of_a_text_file_changes_nothing(tmp_path, clean, encoding):
    exports.write(tmp_path)
    for name, (_, form) in exports.TEXT_FILES.items():
        file = exports.path(tmp_path, name)
        file.write_bytes(file.read_bytes().decode(form["encoding"]).encode(encoding))
    found = run(tmp_path)
    assert found.status == 0
    assert_same(found, clean)
    assert "Café Écluse" in set(found.table("organisaties")["naam"])
    assert "coördinator" in set(found.table("personeel")["functie"])


# --- rows -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bad:
    """One row more in an export: the row at `like` with other cells; and the finding it gives."""

    export: str
    like: int
    cells: dict[str, Any]
    reason: str
    consequence: str
    column: str | None = None
    value: str | None = None


NO_DATE = "is geen datum als 31/12/2021 of 2021-12-31"
NO_KBO = "is geen geldig KBO-nummer (de controlecijfers kloppen niet)"
AGAIN = "komt al voor: eerste rij telt"
BAD = {
    "an amount that is no number": Bad(
        *("ledger", 0, {"bedrag": "1.20,5"}, "Bedrag: de waarde is geen getal als 1.234,56"),
        *(NOT_COUNTED, "bedrag", "1.20,5"),
    ),
    "a day that does not exist": Bad(
        *("ledger", 0, {"datum": "31/02/2021"}, "Datum: de waarde is geen dag die bestaat"),
        *(NOT_COUNTED, "datum", "31/02/2021"),
    ),
    "a booking of another year": Bad(
        "ledger", 0, {"datum": "31/12/2020"}, "valt niet in 2021", NOT_COUNTED
    ),
    "a required cell that is empty": Bad(
        "ledger", 0, {"bedrag": ""}, "Bedrag: de waarde is leeg", NOT_COUNTED, "bedrag"
    ),
    "a duration that is none": Bad(
        *("events", 0, {"id": "e5", "x_studio_duurtijd": "een dag"}),
        "Duurtijd: de waarde is geen aantal uren; schrijf 6.5 voor 6 uur 30",
        *(NOT_COUNTED, "x_studio_duurtijd", "een dag"),
    ),
    "a beginning that is no date": Bad(
        *("events", 0, {"id": "e6", "date_begin": "in mei"}, f"Begint op: de waarde {NO_DATE}"),
        *(NOT_COUNTED, "date_begin", "in mei"),
    ),
    "a cost that is no number, which is not required": Bad(
        *("events", 2, {"id": "e7", "x_studio_kostenraming": "veel"}),
        *("Kostenraming: de waarde is geen getal", WITHOUT, "x_studio_kostenraming", "veel"),
    ),
    "an activity that begins in another year": Bad(
        *("events", 0, {"id": "e8", "date_begin": "2020-12-31 23:59:00"}),
        *("begint niet in 2021", NOT_COUNTED),
    ),
    "an activity with the id of another": Bad(
        "events", 1, {"id": "e1"}, f"ID {AGAIN}", NOT_COUNTED, value="e1"
    ),
    "a registration with the id of another": Bad(
        *("registrations", 3, {"id": "r3"}, f"ID {AGAIN}", NOT_COUNTED, None, "r3"),
    ),
    "a registration of an unknown activity": Bad(
        *("registrations", 3, {"id": "r7", "event_id/id": "e99"}),
        *("activiteit staat niet in de export", NOT_COUNTED, None, "e99"),
    ),
    "a registration with an unknown status": Bad(
        *("registrations", 3, {"id": "r8", "state": "gone"}),
        *("Status: de waarde is geen gekende waarde", NOT_COUNTED, "state", "gone"),
    ),
    "an e-mail address that is none, which is not told": Bad(
        *("registrations", 4, {"id": "r9", "email": "Cis Maes bij de post", "state": "cancel"}),
        *("E-mail: de waarde is geen e-mailadres", WITHOUT, "email"),
    ),
    "the same person twice in one activity": Bad(
        *(
            "registrations",
            3,
            {"id": "r10", "name": "MAES, CIS", "email": "Cis.Maes@post.example "},
        ),
        *("zelfde persoon in dezelfde activiteit: eerste rij telt", NOT_COUNTED),
    ),
    "a request with the id of another": Bad(
        "leads", 0, {"id": "l2"}, f"ID {AGAIN}", NOT_COUNTED, value="l2"
    ),
    "a number of participants that is not whole": Bad(
        *("leads", 1, {"id": "l3", "x_studio_aantal_deelnemers": "2.5"}),
        *("Deelnemers: de waarde is geen geheel getal", WITHOUT, "x_studio_aantal_deelnemers"),
        "2.5",
    ),
    "a score above 10": Bad(
        *("evaluations", 3, {"id": "5", "token": "t5", "TEVR": "11"}),
        *("Tevredenheid: de waarde valt buiten het bereik (0 tot 10)", WITHOUT, "TEVR", "11"),
    ),
    "a score below 0": Bad(
        *("evaluations", 3, {"id": "6", "token": "t6", "NPS": "-1"}),
        *("Aanbeveling: de waarde valt buiten het bereik (0 tot 10)", WITHOUT, "NPS", "-1"),
    ),
    "an answer to an unknown activity": Bad(
        *("evaluations", 3, {"id": "7", "token": "t7", "attribute_1": "e99"}),
        *("activiteit staat niet in de export", NOT_COUNTED, None, "e99"),
    ),
    "an answer to what is no activity": Bad(
        *("evaluations", 3, {"id": "8", "token": "t8", "attribute_1": "e3"}),
        *("activiteit telt niet: evenement, wordt apart geteld", NOT_COUNTED),
    ),
    "an answer with the id of another": Bad(
        "evaluations", 3, {"id": "2", "token": "t9"}, f"antwoord {AGAIN}", NOT_COUNTED
    ),
    "an organisation whose KBO number is wrong": Bad(
        *("partners", 2, {"id": "o4", "name": "Huis Wilg", "x_studio_kbo": "0999.000.130"}),
        *(f"KBO-nummer: de waarde {NO_KBO}", WITHOUT, "x_studio_kbo", "0999.000.130"),
    ),
    "a second organisation with one KBO number": Bad(
        *("partners", 2, {"id": "o5", "name": "Leeshuis Duinrand"}),
        *("KBO-nummer komt bij twee organisaties voor; ze tellen apart", LOOK, None, "0999000327"),
    ),
    "an organisation with the id of another": Bad(
        "partners", 2, {"id": "o1"}, f"ID {AGAIN}", NOT_COUNTED, value="o1"
    ),
    "an organisation on the list whose KBO number is wrong": Bad(
        *("survey_list", 0, {"KBO-nummer": "0999.000.130"}, f"KBO-nummer: de waarde {NO_KBO}"),
        *(NOT_COUNTED, "KBO-nummer", "0999.000.130"),
    ),
    "a meeting of another year": Bad(
        "meetings", 0, {"Datum": "6/1/2020"}, "valt niet in 2021", NOT_COUNTED
    ),
    "a meeting without a date": Bad(
        "meetings", 0, {"Datum": None}, "Datum: de waarde is leeg", NOT_COUNTED, "Datum"
    ),
    "a meeting with who is not known, whose name is not told": Bad(
        *("meetings", 0, {"Actor": "Cis Maes"}),
        *("actor staat niet op het blad Actoren", LOOK, "Actor"),
    ),
    "a followers' count that is no number": Bad(
        *("social", 0, {"kanaal": "Mastodon", "volgers": "veel"}),
        *("Volgers: de waarde is geen getal als 1.234,56", WITHOUT, "volgers", "veel"),
    ),
    "a deployability over 100 %": Bad(
        *("staff", 0, {"personeelsnr": "P003", "inzetbaarheid %": "120,00"}),
        *("Inzetbaarheid: de waarde valt buiten het bereik", NOT_COUNTED, "inzetbaarheid %"),
        "120,00",
    ),
    "a staff member with the number of another": Bad(
        "staff", 0, {"personeelsnr": "P002"}, f"Personeelsnummer {AGAIN}", NOT_COUNTED, value="P002"
    ),
    "a target that is no number": Bad(
        *("targets", 0, {"doelstelling": "OD2", "streefwaarde": "hoog"}),
        *("Streefwaarde: de waarde is geen getal", NOT_COUNTED, "streefwaarde", "hoog"),
    ),
    "a link that nobody confirmed": Bad(
        *("links", 0, {"naam zoals getypt": "Bibliotek Duinrand", "bevestigd door": ""}),
        *("Bevestigd door: de waarde is leeg", NOT_COUNTED, "bevestigd door"),
    ),
    "a subscriber who is on the list already": Bad(
        "subscribed", 0, {}, f"adres {AGAIN}", NOT_COUNTED
    ),
}
HEADER_ROW = {"meetings": 3}


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory) -> tuple[Run, dict[str, int]]:
    """The run in which every bad row stands below the good ones; the row number of each."""
    data = {bad.export: exports.rows(bad.export) for bad in BAD.values()}
    place = {}
    for rule, bad in BAD.items():
        data[bad.export].append({**exports.rows(bad.export)[bad.like], **bad.cells})
        place[rule] = HEADER_ROW.get(bad.export, 1) + len(data[bad.export])
    for row in data["ledger"]:
        row["opmerking"] = "niets"
    root = tmp_path_factory.mktemp("spoilt")
    exports.write(root, **data)
    return run(root), place


@pytest.mark.parametrize("rule", BAD)
def test_a_row_with_a_fault_is_kept_with_its_place_and_the_reason(spoilt, rule):
    found, place = spoilt
    bad = BAD[rule]
    findings = found.findings(bad.export)
    findings = findings[findings["rij"] == place[rule]]
    (finding,) = findings[findings["gevolg"] == bad.consequence].to_dict("records")
    assert finding["reden"].startswith(bad.reason)
    assert finding["blad"] == ("Overleg" if bad.export == "meetings" else None)
    assert bad.column in {None, finding["kolom"]}
    assert finding["waarde"] == bad.value


def test_a_column_that_nobody_knows_is_noted_and_not_read(spoilt):
    findings = spoilt[0].findings("ledger")
    (finding,) = findings[findings["kolom"] == "opmerking"].to_dict("records")
    assert finding["reden"] == "onbekende kolom, wordt niet gelezen"
    assert (finding["rij"], finding["gevolg"]) == (1, LOOK)


def test_faults_in_rows_stop_nothing_and_the_good_rows_are_as_they_were(spoilt, clean):
    found, place = spoilt
    assert found.status == 0
    rows, good = found.tables(), clean.tables()
    assert set(rows) == set(good)
    first_bad: dict[str, int] = {}
    for rule, row in place.items():
        first_bad.setdefault(exports.FILES[BAD[rule].export], row)
    for name in set(rows) - {"voorstellen"}:
        frame = rows[name]
        if "rij" in frame:
            before = frame["rij"] < frame["bestand"].map(first_bad).fillna(1000)
            frame = frame[before].reset_index(drop=True)
        elif name in {"sectorbevraging", "webstatistiek"}:
            continue  # no place in the file is kept, and rows are in another order
        pd.testing.assert_frame_equal(frame, good[name], obj=name)
    counted = {name: int(rows[name]["telt_mee"].sum()) for name in rows if "telt_mee" in rows[name]}
    assert counted == {
        "activiteiten": 2,
        "inschrijvingen": 4,
        "vragen": 3,
        "evaluaties": 4,
        "overleg": 3,
        "grootboek": 3,
    }
    assert len(rows["sectorbevraging"]) == 3
    assert len(rows["webstatistiek"]) == 8


def test_who_a_row_is_about_is_told_and_kept_nowhere_but_in_identiteit(spoilt):
    """`run` looks for it after every run; here it is shown that it would find it."""
    found, _ = spoilt
    everywhere = "\n".join(exports.stored_texts(found.ws, but=())).casefold()
    assert {name for name in exports.NAMES if name.casefold() not in everywhere} == set()
    elsewhere = "\n".join([found.output, *exports.stored_texts(found.ws)]).casefold()
    assert {text for text in exports.PERSONAL if text.casefold() in elsewhere} == set()


# --- projects -------------------------------------------------------------------------------------


def process_project(root: Path, qde: str, members: dict[str, str]) -> Run:
    exports.write(root, **only("plans", "ledger"))
    exports.write_project(exports.path(root, "plans"), qde, members)
    return run(root)


ENTITIES = '<!DOCTYPE Project [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE Project [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
HARMFUL: dict[str, tuple[str, dict[str, str], str]] = {
    "a path upwards": ("", {"../weg.txt": "x"}, "het pad van onderdeel 4 leidt buiten"),
    "a path from the root": ("", {"/weg.txt": "x"}, "het pad van onderdeel 4 leidt buiten"),
    "a path upwards, Windows": ("", {"sources\\..\\..\\weg": "x"}, "onderdeel 4 leidt buiten"),
    "a drive": ("", {"C:\\weg.txt": "x"}, "het pad van onderdeel 4 leidt buiten het project"),
    "entities": (ENTITIES, {}, "project.qde bevat een DTD of entiteiten"),
    "an entity from outside": (OUTSIDE, {}, "project.qde bevat een DTD of entiteiten"),
    "more than 100 times its size": ("", {"nul.txt": "0" * 5_000_000}, "meer dan 100 keer"),
}


@pytest.mark.parametrize("kind", HARMFUL)
def test_a_project_that_could_do_harm_is_refused_and_nothing_of_it_is_unpacked(tmp_path, kind):
    head, members, problem = HARMFUL[kind]
    qde = exports.project().replace("<Project", f"{head}<Project", 1)
    if head:
        qde = qde.replace('name="Proef"', 'name="&a;"')
    root = tmp_path / "root"
    found = process_project(root, qde, {**exports.texts(), **members})
    assert found.status == 1
    assert f"Fout: `{exports.FILES['plans']}`: " in found.output
    assert problem in found.output
    assert "Vertrouw dit bestand niet; vraag het opnieuw aan wie het maakte." in found.output
    assert found.findings("plans")["gevolg"].tolist() == [NOT_READ]
    assert set(found.tables()) == {"grootboek"}
    assert [path.name for path in tmp_path.iterdir()] == ["root"]
    assert not [path for path in tmp_path.rglob("*") if path.name.startswith(("weg", "nul"))]


def test_a_place_beyond_the_text_is_reported_and_the_fragment_counts_without_it(tmp_path):
    codings = exports.changed("codings", 1, {"begin": 14, "end": 24})  # the text has 23 characters
    codings.append({"plan": "p2", "begin": 5, "end": 3, "code": "k1", "user": "u2"})
    data = {**exports.DEFAULTS, "codings": codings}
    found = process_project(tmp_path, exports.project(data), exports.texts())
    assert found.status == 0
    fragments = found.table("fragmenten")
    assert fragments["begin"].fillna(-1).tolist() == [0, -1, 0, -1]
    assert fragments["einde"].fillna(-1).tolist() == [13, -1, 5, -1]
    reason = "de plaats past niet in de tekst; het fragment telt zonder plaats"
    findings = found.findings("plans")
    assert findings[["blad", "rij", "reden", "gevolg"]].to_numpy().tolist() == [
        ["coderingen", 2, reason, LOOK],
        ["coderingen", 4, reason, LOOK],
    ]


# --- markup ---------------------------------------------------------------------------------------


def test_markup_in_a_name_stays_text_and_never_becomes_a_tag(tmp_path):
    settings = exports.write(
        tmp_path,
        partners=exports.changed("partners", 0, {"name": SCRIPT}),
        events=exports.changed("events", 0, {"name": SCRIPT, "x_studio_thema": SCRIPT}),
        registrations=exports.changed("registrations", 3, {"company_name": SCRIPT}),
        ledger=exports.added("ledger", 0, {"bedrag": SCRIPT}),
        staff=renamed("staff", "functie", SCRIPT),
    ).raw
    (settings / "bron.toml").write_text(f'titel = "{SCRIPT}"\n', encoding="utf-8")
    found = run(tmp_path)
    assert found.status == 1
    assert "de kolom 'functie'" in found.output
    organisaties = found.table("organisaties")
    assert organisaties["naam"].iloc[0] == SCRIPT
    assert found.table("activiteiten")["naam"].iloc[0] == SCRIPT
    shown = show.show_table(organisaties.rename(columns={"alias": SCRIPT}), SCRIPT)._repr_html_()
    assert "<script" not in shown
    assert shown.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 3
    run(tmp_path, "run")
    pages = list(found.ws.reports(exports.JAAR).glob("*.html"))
    assert len(pages) >= 3
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert SCRIPT not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_registrations_with_only_a_header_are_none_and_no_fault(tmp_path):
    exports.write(tmp_path, registrations=[])
    assert run(tmp_path).status == 0


def test_survey_answers_without_the_list_they_were_sent_to_are_refused(tmp_path, clean):
    exports.write(tmp_path, survey_list=None)
    found = run(tmp_path)
    assert found.status == 1 and "de verzendlijst van de bevraging ontbreekt" in found.output
    assert_same(found, clean, but={"sectorbevraging"})


def test_a_list_without_survey_answers_is_told_to_be_not_read(tmp_path):
    exports.write(tmp_path, survey=None)
    assert run(tmp_path).findings("survey_list")["gevolg"].tolist() == [NOT_READ]


def test_what_stands_in_place_of_a_job_may_be_a_name_and_is_not_shown(tmp_path):
    typed = exports.changed("registrations", 0, {"x_studio_functie": "Cis Maes, vrijwilliger"})
    exports.write(tmp_path, registrations=typed)
    found = run(tmp_path).findings("registrations")  # which looks for names itself
    assert found["reden"].str.startswith("Beroep").any()


@pytest.mark.parametrize("typed", ["cis.maes@post.example", "0470 00 00 02", "Maes, Cis"])
def test_a_person_typed_in_place_of_an_organisation_is_never_proposed(tmp_path, typed):
    cells = {"id": "nieuw", "name": "Cis Maes", "email": "info@nergens.example"}
    rows = exports.added("registrations", 0, {**cells, "company_name": typed, "partner_id/id": ""})
    exports.write(tmp_path, registrations=rows)
    assert run(tmp_path).status == 0  # which looks for names itself


def test_a_year_whose_exports_are_gone_stays_behind_in_no_table(tmp_path):
    exports.write(tmp_path)
    ws = run(tmp_path).ws
    earlier = ws.raw / "2020"
    shutil.copytree(ws.raw_year(2021) / "sisca", earlier / "sisca")
    run(tmp_path)
    assert 2020 in store.years_of(ws, "sisca")
    shutil.rmtree(earlier)
    run(tmp_path)
    assert store.years_of(ws, "sisca") == [2021]


def test_tables_that_were_copied_without_links_are_replaced_all_the_same(tmp_path):
    exports.write(tmp_path)
    ws = run(tmp_path).ws
    place = ws.processed.resolve()
    ws.processed.unlink()
    place.rename(ws.processed)
    (ws.raw_year(2021) / "bron.toml").write_text("")
    assert run(tmp_path).status == 0
    assert ws.processed.is_symlink()
