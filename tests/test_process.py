"""From the exports of a year to its tables: nothing is lost, nothing leaks, nothing is half."""

import csv
import io
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import exports
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pyreadstat
import pytest
from defusedxml.ElementTree import fromstring
from typer.testing import CliRunner

import socius_lib as socius
from socius_lib import catalogue, store
from socius_lib.cli import app
from socius_lib.freshness import out_of_date
from socius_lib.process import ensure_processed, process_year
from socius_lib.workspace import Workspace

YEARS = (2018, 2019, 2020, 2021)
NAMED = [
    *("organisaties", "contacten", "activiteiten", "inschrijvingen", "deelnames", "personen"),
    *("vragen", "evaluaties", "sectorbevraging", "overleg", "actoren", "sisca", "plannen"),
    *("codes", "fragmenten", "abonnees", "webstatistiek", "grootboek", "personeel", "vte"),
    *("streefwaarden", "kwaliteit"),
]
QDA = "{urn:QDA-XML:project:1.0}"


def read_records(path: Path) -> list[list[str]]:
    """The records of a text file that are not empty, the header among them."""
    raw = path.read_bytes()
    marks = {b"\xff\xfe": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}
    encoding = next((name for mark, name in marks.items() if raw.startswith(mark)), "utf-8")
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        text = raw.decode("cp1252")
    header = text.splitlines()[0]
    delimiter = ";" if header.count(";") > header.count(",") else ","
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return [record for record in records if any(cell.strip() for cell in record)]


def read_sheets(path: Path) -> dict[str, list[tuple]]:
    """The rows of every sheet that are not empty, from the header on."""
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    rows = {
        sheet.title: [row for row in sheet.iter_rows(values_only=True) if any(map(filled, row))]
        for sheet in book
    }
    if "Overleg" in rows:
        del rows["Overleg"][0]  # the title above the table
    return rows


def filled(cell: object) -> bool:
    return cell is not None and cell != ""


def rows_in(path: Path) -> dict[str, int]:
    """How many data rows a raw file holds, per sheet ("": the file has no sheets)."""
    if path.suffix == ".csv":
        return {"": len(read_records(path)) - 1}
    if path.suffix == ".xlsx":
        return {name: len(rows) - 1 for name, rows in read_sheets(path).items()}
    if path.suffix == ".sav":
        return {"": len(pyreadstat.read_sav(str(path))[0])}
    with zipfile.ZipFile(path) as archive:
        project = fromstring(archive.read("project.qde"))
    sources = project.find(f"{QDA}Sources")
    return {
        "codes": len(list(project.iter(f"{QDA}Code"))),
        "bronnen": len(sources),
        "coderingen": len(list(sources.iter(f"{QDA}CodeRef"))),
    }


@pytest.mark.parametrize("jaar", YEARS)
def test_every_row_of_every_file_counts_or_is_kept_with_a_reason(example, jaar):
    raw = example.raw_year(jaar)
    expected = {
        (path.relative_to(raw).as_posix(), sheet): rows
        for path in raw.rglob("*.*")
        for sheet, rows in rows_in(path).items()
    }
    files = store.read_partition(example, "bestanden", jaar).fillna({"blad": ""})
    files = files.set_index(["bestand", "blad"])
    assert files["rijen"].to_dict() == expected
    assert (files["rijen"] == files["rijen_geteld"] + files["rijen_niet_geteld"]).all()
    findings = store.read_partition(example, "kwaliteit", jaar).fillna({"blad": ""})
    left = findings[findings["gevolg"] == "telt niet mee"]
    assert (left["reden"].str.len() > 0).all()
    kept = left.groupby(["bestand", "blad"])["rij"].nunique()
    assert kept.to_dict() == files.query("rijen_niet_geteld > 0")["rijen_niet_geteld"].to_dict()


PARTS = {"plannen": "bronnen", "codes": "codes", "fragmenten": "coderingen"}


@pytest.mark.parametrize("jaar", [2020, 2021])
def test_the_tables_hold_just_the_rows_that_count_and_mark_those_that_do_not(example, jaar):
    held = []
    for name in set(NAMED) - {"kwaliteit"}:
        columns = {column.name for column in catalogue.table(name).stored}
        if "rij" in columns and jaar in store.years_of(example, name):
            rows = store.read_partition(example, name, jaar)
            rows = rows[rows["telt_mee"]] if "telt_mee" in rows else rows
            rows["blad"] = rows["blad"].fillna("") if "blad" in rows else PARTS.get(name, "")
            held.append(rows[["bestand", "blad", "rij"]].drop_duplicates())
    held = pd.concat(held).groupby(["bestand", "blad"]).size()
    files = store.read_partition(example, "bestanden", jaar).fillna({"blad": ""})
    counted = files.set_index(["bestand", "blad"])["rijen_geteld"]
    assert held.to_dict() == counted[held.index].to_dict()
    assert len(held) == {2020: 12, 2021: 15}[jaar]


@pytest.mark.parametrize("name", NAMED)
def test_a_table_is_stored_under_its_name_and_year_with_the_columns_described(example, name):
    (part,) = (example.processed / name / "jaar=2021").glob("*.parquet")
    described = [column.name for column in catalogue.table(name).stored if column.name != "jaar"]
    assert pq.read_schema(part).names == described
    assert pq.read_metadata(part).num_rows > 0


def folded(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().removeprefix("'").casefold()


def identifying(ws: Workspace) -> set[str]:
    """Names, e-mail addresses and phones of participants, contacts and subscribers."""
    found: set[str] = set()
    for path in [*ws.raw.rglob("odoo/*.*"), *ws.raw.rglob("mailchimp/*.csv")]:
        csv_file = path.suffix == ".csv"
        header, *rows = read_records(path) if csv_file else read_sheets(path)["Sheet1"]
        columns = {"Email Address", "email", "E-mail", "phone", "Telefoon", "Naam deelnemer"}
        if "event.registration" in path.name:
            columns.add("name")
        at = [place for place, name in enumerate(header) if name in columns]
        found |= {folded(str(row[place])) for row in rows for place in at if filled(row[place])}
        if "res.partner" in path.name:
            name = header.index("name" if csv_file else "Naam")
            company = header.index("is_company" if csv_file else "Is een bedrijf")
            found |= {folded(row[name]) for row in rows if row[company] in {"", False, None}}
    return found


def test_who_took_part_stands_in_no_table_but_identiteit(example):
    secrets = identifying(example)
    assert len(secrets) > 5000
    # Each secret has a space or an @ in it, or is a whole cell.
    cells = {folded(text) for text in exports.stored_texts(example)}
    running = "\n".join(text for text in cells if " " in text or "@" in text)
    assert {secret for secret in secrets if secret in cells or secret in running} == set()
    known = {folded(text) for text in exports.stored_texts(example, but=())}
    assert len(secrets & known) > 1000  # identiteit does hold them


def test_a_column_that_identifies_a_person_is_kept_in_identiteit_only():
    direct = {
        table.name
        for table in catalogue.TABLES.values()
        for column in table.stored
        if column.privacy == "direct"
    }
    assert direct == {"identiteit"}


def test_processing_again_gives_the_same_tables_and_every_person_the_same_pseudonym(own_example):
    ws = own_example
    names = sorted(folder.name for folder in ws.processed.iterdir() if folder.is_dir())
    before = {name: store.read_partition(ws, name, 2021) for name in names}
    state = store.read_state(ws)
    process_year(ws, 2021)
    for name in names:
        pd.testing.assert_frame_equal(store.read_partition(ws, name, 2021), before[name])
    assert store.read_state(ws) == state


def test_what_is_up_to_date_is_not_processed_again(own_example):
    ws = own_example
    place = ws.processed.resolve()
    assert [out_of_date(ws, jaar) for jaar in YEARS] == [None] * 4
    ensure_processed(ws, 2021)
    assert ws.processed.resolve() == place


def change_one_byte(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    at = max(place for place, byte in enumerate(raw) if chr(byte).isdigit())
    raw[at] ^= 1  # another digit
    path.write_bytes(raw)


def test_one_changed_byte_makes_its_year_and_the_later_ones_again(own_example):
    ws = own_example
    change_one_byte(ws.raw_year(2020) / "zakelijk" / "grootboek_2020.csv")
    assert [bool(out_of_date(ws, jaar)) for jaar in (2018, 2019, 2020)] == [False, False, True]
    again = [outcome.jaar for outcome in ensure_processed(ws, 2021) if outcome.rows]
    assert again == [2020, 2021]
    change_one_byte(ws.raw_year(2021) / "streefwaarden.csv")
    assert [bool(out_of_date(ws, jaar)) for jaar in YEARS] == [False, False, False, True]


def run_process(root: Path) -> None:
    options = ["process", "2021", "--bron", exports.BRON, "--root", str(root)]
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 0, result.output


def rows_of_all_tables(ws: Workspace) -> dict[tuple[str, int], int]:
    return {
        (name, jaar): len(store.read_partition(ws, name, jaar))
        for name in catalogue.TABLES
        for jaar in store.years_of(ws, name)
    }


def folders(ws: Workspace) -> set[str]:
    """The folders of the data set's tables: the one that the link leads to, and half ones."""
    beside = ws.processed.parent.glob(f".{ws.bron}.*")
    return {path.name for path in beside if path.is_dir() or path.is_symlink()}


MORE = {
    "registrations": exports.added(
        "registrations", 3, {"id": "r7", "name": "Fien Claes", "email": "fien@post.example"}
    ),
    "ledger": exports.added("ledger", 0, {}),
}
GROWN = ("inschrijvingen", "identiteit", "deelnames", "personen", "grootboek", "kwaliteit")


@pytest.fixture
def two_states(tmp_path) -> tuple[Workspace, dict, dict]:
    """A processed data set of two years, and the rows of its tables with fewer and more exports."""
    ws = exports.write(tmp_path)
    (ws.raw / "2020" / "zakelijk").mkdir(parents=True)
    shutil.copy2(exports.path(tmp_path, "fte"), ws.raw / "2020" / "zakelijk")
    ensure_processed(ws, 2021)
    small = rows_of_all_tables(ws)
    exports.write(tmp_path, **MORE)
    ensure_processed(ws, 2021)
    large = rows_of_all_tables(ws)
    assert {key: rows - small[key] for key, rows in large.items() if rows != small[key]} == {
        (name, 2021): 1 for name in GROWN
    }
    return ws, small, large


def change_exports(ws: Workspace, small: dict) -> dict:
    """Write the exports that are not those of the tables; return the rows of the tables."""
    rows = rows_of_all_tables(ws)
    exports.write(ws.root, **(MORE if rows == small else {}))
    return rows


def assert_the_next_run_succeeds(ws: Workspace, small: dict, large: dict) -> None:
    before = change_exports(ws, small)
    run_process(ws.root)
    assert rows_of_all_tables(ws) == (large if before == small else small)
    assert folders(ws) == {str(ws.processed.readlink())}


def kill_when_writing(ws: Workspace, delay: float) -> bool:
    """Start a run; kill it some time after it began to write; tell whether it was done by then."""
    before = folders(ws)
    command = [sys.executable, "-m", "socius_lib", "process", "2021", "--bron", ws.bron]
    with subprocess.Popen([*command, "--root", str(ws.root)], stdout=subprocess.DEVNULL) as run:
        while run.poll() is None and folders(ws) <= before:
            time.sleep(0.0005)
        try:
            assert run.wait(delay) == 0
        except subprocess.TimeoutExpired:
            run.send_signal(signal.SIGKILL)
            return False
    return True


def test_a_run_that_is_killed_leaves_the_old_tables_or_the_new_ones(two_states):
    """Killed later and later after it began to write, until it survives."""
    ws, small, large = two_states
    done, delay = False, 0.0
    while not done:
        before = change_exports(ws, small)
        done = kill_when_writing(ws, delay)
        delay = max(0.02, delay * 5)
        assert rows_of_all_tables(ws) in (small, large)
    assert rows_of_all_tables(ws) != before
    assert_the_next_run_succeeds(ws, small, large)


KILLED_AT_A_STEP = """
import os, signal, sys
import pyarrow.parquet
from socius_lib import schema
from socius_lib.process import ensure_processed
from socius_lib.workspace import open_workspace

schema.check = lambda frame, table: frame  # it takes long and writes nothing
ws = open_workspace(sys.argv[1], sys.argv[2])
CHANGES = {"os.mkdir", "os.link", "os.symlink", "os.rename", "os.remove", "os.rmdir"}

def run(steps):
    left = steps
    def count(event, given):
        nonlocal left
        if event in CHANGES or (event == "open" and given[1] in ("w", "wb")):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(count)
    ensure_processed(ws, 2021)

for line in sys.stdin:
    child = os.fork()
    if child == 0:
        run(int(line))
        os._exit(0)
    print(os.waitpid(child, 0)[1], flush=True)
"""
"""For each line of input, a run that is killed just before it changes the disk so many times."""


def test_a_run_that_is_killed_at_any_step_leaves_the_old_tables_or_the_new_ones(tmp_path):
    left_out = {name: None for name in exports.DEFAULTS if name != "ledger"}
    ws = exports.write(tmp_path, **left_out)
    shutil.copytree(ws.raw_year(2021), ws.raw_year(2020))
    ensure_processed(ws, 2021)
    small = rows_of_all_tables(ws)
    large = {**small, ("grootboek", 2021): small["grootboek", 2021] + 1}
    states, pipe, status = [small], subprocess.PIPE, ""
    command = [sys.executable, "-c", KILLED_AT_A_STEP, ws.bron, str(ws.root)]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as runs:
        while status != "0\n":
            ledger = MORE["ledger"] if states[-1] == small else exports.rows("ledger")
            exports.write(tmp_path, **left_out | {"ledger": ledger})
            print(len(states), file=runs.stdin, flush=True)
            status = runs.stdout.readline()
            assert status in {"0\n", f"{signal.SIGKILL.value}\n"}
            states.append(rows_of_all_tables(ws))
            assert states[-1] in (small, large)
        runs.stdin.close()
    assert len(states) > 20
    assert states[:10] == [small] * 10
    assert states[-2:] in ([small, large], [large, small])
    assert folders(ws) == {str(ws.processed.readlink())}


def test_a_proposal_changes_no_figure_until_staff_confirms_it(tmp_path):
    def figures() -> dict[str, float]:
        table = socius.load_figures(2021, bron=exports.BRON, root=tmp_path)
        return dict(zip(table["id"], table["waarde"].fillna(-1), strict=True))

    def of_registration() -> dict[str, object]:
        rows = store.read_partition(ws, "deelnames", 2021).set_index("inschrijving_id")
        return rows.loc["r4", ["organisatie_id", "koppelwijze"]].fillna("").to_dict()

    ws = exports.write(tmp_path)
    run_process(tmp_path)
    before = figures()
    assert of_registration() == {"organisatie_id": "", "koppelwijze": "onbekend"}
    proposed = ws.reports(2021) / "koppelingen_te_bevestigen.csv"
    header, proposal = read_records(proposed)
    assert proposal[:5] == ["event.registration", "Bibliotek Duinrand", exports.KBO[2], "", ""]
    raw = ws.raw_year(2021)
    shutil.copy2(proposed, raw / proposed.name)
    assert figures() == before
    findings = store.read_partition(ws, "kwaliteit", 2021).set_index("bestand")
    assert findings.loc[proposed.name, "reden"] == "nog niet bevestigd, dus niet gelezen"
    with (raw / "koppelingen 2.csv").open("w", encoding="utf-8", newline="") as links:
        csv.writer(links, delimiter=";").writerows([header, proposal])
    assert figures() == before
    (reason,) = store.read_partition(ws, "kwaliteit", 2021).query(
        "bestand == 'koppelingen 2.csv' and gevolg == 'telt niet mee'"
    )["reden"]
    assert reason == "Bevestigd door: de waarde is leeg"
    proposal[3:5] = ["AB", "15/1/2022"]
    with (raw / "koppelingen 2.csv").open("w", encoding="utf-8", newline="") as links:
        csv.writer(links, delimiter=";").writerows([header, proposal])
    after = figures()
    assert of_registration() == {"organisatie_id": "o3", "koppelwijze": "koppeling"}
    gained = after["aanbod.organisaties.totaal"] - before["aanbod.organisaties.totaal"]
    assert gained == 1
