"""Registrations by the million: what `odoo` and `identity` do with them, in DuckDB.

What counts, which organisation a row has and what rows of one person share are their rules, taken as
narwhals expressions or applied once to each different value; here they are only put together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import narwhals as nw
import pandas as pd
import pyarrow as pa

from socius_lib import bulk, catalogue, forms, identity, sql
from socius_lib import convert as c
from socius_lib.bulk import Derived, Plain
from socius_lib.files import Export
from socius_lib.identity import OrganisationNames
from socius_lib.quality import LOOK, NOT_COUNTED, FileCount, QualityLog
from socius_lib.sources import odoo
from socius_lib.sources.persons_bulk import KEYS, find_persons
from socius_lib.sql import literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def _of_name(name: str) -> dict[str, str | None]:
    words = forms.fold(name)
    said = words if "test" in words else None
    return {"naam_woorden": said, "naam_sleutel": forms.person_key(name)}


def _without(signs: str, text: str) -> str:
    """Return the SQL of a text without these signs: many times as quick as by a pattern."""
    for sign in signs:
        text = f"replace({text}, {literal(sign)}, '')"
    return text


_TURNED = (
    "CASE WHEN contains({0}, ',') "
    "THEN substr({0}, strpos({0}, ',') + 1) || split_part({0}, ',', 1) ELSE {0} END"
)
NAME = Derived(
    _of_name,
    {
        "naam_woorden": "CASE WHEN contains(lower({0}), 'test') "
        "THEN trim(regexp_replace(lower({0}), '[^a-z]+', ' ', 'g')) END",
        "naam_sleutel": _without(" ,.'-", f"lower({_TURNED})"),
    },
    Plain(
        " *[A-Za-z][A-Za-z ,.'-]*",
        "CASE WHEN contains({0}, '  ') OR starts_with({0}, ' ') OR ends_with({0}, ' ') "
        "THEN trim(regexp_replace({0}, ' +', ' ', 'g')) ELSE {0} END",
    ),
)
"""Of a name, what two spellings of it share, and its words where they may say that it is a test."""


@dataclass(frozen=True)
class Known:
    """What registrations are read with.

    Attributes
    ----------
    activiteiten, organisaties, contacten : tables of the year.
    earlier : files of `identiteit` of the earlier years, oldest first.
    took_part : files of `deelnames` of the earlier years.
    former : file of `identiteit` of this year's former run, if there was one.
    """

    activiteiten: pd.DataFrame
    organisaties: pd.DataFrame
    contacten: pd.DataFrame
    names: OrganisationNames
    own_domains: Sequence[str]
    earlier: Sequence[Path] = ()
    took_part: Sequence[Path] = ()
    former: Sequence[Path] = ()


def read_registrations(
    exports: Sequence[Export], known: Known, log: QualityLog, folder: Path
) -> tuple[dict[str, Path], pd.DataFrame]:
    """Return the files of the tables made of `event.registration`, and typed names to be confirmed.

    The same rows count, and others do not for the same reasons, as when a small export is read.

    Parameters
    ----------
    folder : where the files are made.

    Returns
    -------
    files : `inschrijvingen`, `deelnames`, `personen`, `identiteit`, and their part of `kwaliteit`;
        Parquet, checked against the descriptions of the tables, without `jaar`.
    typed : `getypte_organisatie` that no rule recognises, with `bestand`, `rij` of the first row and
        `keer`, the number of rows.
    """
    files = {}
    with sql.connect(folder) as con:
        _read_rows(con, exports, known, log, folder)
        find_persons(con, known.earlier, known.former)
        con.execute(_JUDGE)
        for name, query in _queries(known.took_part).items():
            files[name] = sql.write(con, query, catalogue.table(name), folder / f"{name}.parquet")
            source = f"read_parquet({literal(files[name])}, file_row_number = true)"
            con.execute(f"CREATE VIEW {name} AS FROM {source}")
        counts = "bestand, count(*), count_if(NOT telt_mee) FROM inschrijvingen GROUP BY bestand"
        for file, rows, left_out in con.execute(f"SELECT {counts}").fetchall():
            log.counted.append(FileCount(odoo.SYSTEM, file, None, rows, left_out))
        return files, con.execute(_TYPED).df()


def _read_rows(
    con: DuckDBPyConnection, exports: Sequence[Export], known: Known, log: QualityLog, folder: Path
) -> None:
    """Make the view `rijen`: the rows of the exports with activity, organisation and reason so far."""

    def meant(typed: str) -> Mapping[str, str | None]:
        organisation, how = known.names.find(typed)
        key = forms.person_key(typed)
        return {"van_naam": organisation, "naam_koppelwijze": how, "getypt_sleutel": key}

    few = dict.fromkeys(("van_naam", "naam_koppelwijze", "getypt_sleutel"), "NULL")
    derived = {"naam": NAME, "getypte_organisatie": Derived(meant, few)}
    columns = catalogue.INSCHRIJVINGEN.columns
    bulk.read(con, folder, exports, columns, log, odoo.SYSTEM, clean=odoo.unguard, derived=derived)
    _register_known(con, known)
    rows = con.sql(
        f"SELECT * REPLACE (CASE WHEN nr IS NULL THEN {literal(c.UNKNOWN_ACTIVITY)} "
        "ELSE reden_activiteit END AS reden_activiteit) RENAME (reden_niet_geteld AS reden_cel) "
        "FROM gelezen LEFT JOIN activiteit USING (activiteit_id) "
        "LEFT JOIN via_email USING (email) LEFT JOIN via_boeker USING (boeker_id)"
    )
    rules = odoo.no_participation(known.own_domains)
    reasons = [nw.when(applies).then(nw.lit(reason)) for reason, applies in rules.items()]
    judged = nw.from_native(rows).with_columns(
        reden_regel=nw.coalesce(nw.col("reden_activiteit"), *reasons),
        **identity.organisation_of_row(),
    )
    judged.to_native().create_view("beoordeeld")
    path = literal(folder / "rijen.parquet")
    wanted = (
        "volgorde, bestand, blad, rij, inschrijving_id, activiteit_id, nr AS activiteit_nr, status, "
        "beroep, ingeschreven_op, naam, email, telefoon, getypte_organisatie, organisatie_id, "
        "koppelwijze, reden_cel, reden_regel, getypt_sleutel = naam_sleutel AS eigen_naam"
    )
    con.execute(f"COPY (SELECT {wanted}, {KEYS} FROM beoordeeld) TO {path} ({sql.SCRATCH})")
    con.execute(f"CREATE VIEW rijen AS FROM read_parquet({path})")


def _register_known(con: DuckDBPyConnection, known: Known) -> None:
    """Let queries use the year's activities and organisations, and what is known by them."""
    events = known.activiteiten.dropna(subset="activiteit_id").drop_duplicates("activiteit_id")
    reasons = c.by_activity(events["reden_niet_geteld"])
    of_mail = identity.organisations_by_mail(known.contacten).items()
    of_partner = odoo.organisations_by_partner(known.organisaties, known.contacten)
    frames = {
        "activiteit": events[_OF_EVENT].assign(reden_activiteit=reasons, nr=range(len(events))),
        "organisatie": known.organisaties[["organisatie_id", *_SEGMENTS]],
        "via_email": pd.DataFrame(of_mail, columns=["email", "van_email"], dtype="str"),
        "via_boeker": of_partner.rename_axis("boeker_id").reset_index(name="van_boeker"),
    }
    for name, frame in frames.items():
        con.register(name, pa.Table.from_pandas(frame, preserve_index=False))


_OF_EVENT = ["activiteit_id", "begint_op", "vorm", "thema"]
_SEGMENTS = [column.name for column in catalogue.SEGMENTEN]
_JUDGE = f"""
CREATE TABLE dubbel AS  -- of one id the first row counts; few numbers are there more than once
    SELECT volgorde, {literal(c.said_before("ID"))} AS reden_dubbel FROM (
        SELECT volgorde, inschrijving_id FROM rijen WHERE reden_cel IS NULL AND hash(inschrijving_id)
        IN (SELECT hash(inschrijving_id) FROM rijen WHERE reden_cel IS NULL GROUP BY 1 HAVING count(*) > 1)
    ) QUALIFY row_number() OVER (PARTITION BY inschrijving_id ORDER BY volgorde) > 1;
CREATE TABLE geteld AS
    SELECT volgorde, activiteit_nr, persoon
    FROM met_sleutel JOIN persoon USING (sleutel) ANTI JOIN dubbel USING (volgorde)
    WHERE reden_cel IS NULL AND reden_regel IS NULL;
CREATE TABLE nogmaals AS
    SELECT volgorde, {literal(odoo.SAME_PERSON)} AS reden_nogmaals FROM geteld JOIN (
        SELECT activiteit_nr, persoon, min(volgorde) AS eerste FROM geteld
        GROUP BY ALL HAVING count(*) > 1
    ) USING (activiteit_nr, persoon) WHERE volgorde > eerste;
DROP TABLE geteld;
CREATE VIEW volledig AS
    SELECT *, coalesce(reden_cel, reden_dubbel, reden_regel, reden_nogmaals) AS reden_niet_geteld
    FROM met_sleutel JOIN persoon USING (sleutel) JOIN pseudoniem USING (persoon)
    LEFT JOIN dubbel USING (volgorde) LEFT JOIN nogmaals USING (volgorde);
"""


def _queries(took_part: Sequence[Path]) -> dict[str, str]:
    """Return the SQL of each table, in the order in which they are made of each other."""
    files = ", ".join(literal(file) for file in took_part if sql.count_rows(file))
    before = f"persoon_id IN (SELECT persoon_id FROM read_parquet([{files}]))" if files else "NULL"
    said = {c.said_before("ID"): "inschrijving_id", c.UNKNOWN_ACTIVITY: "activiteit_id"}
    shown = " ".join(f"WHEN {literal(reason)} THEN {column}" for reason, column in said.items())
    header = {c.said_before("ID"): "ID", c.UNKNOWN_ACTIVITY: "activiteit"}
    headers = " ".join(f"WHEN {literal(r)} THEN {literal(h)}" for r, h in header.items())
    return {
        "inschrijvingen": "SELECT *, reden_niet_geteld IS NULL AS telt_mee FROM volledig",
        "identiteit": "SELECT * FROM volledig",
        "deelnames": f"SELECT *, {before} AS terugkerend FROM inschrijvingen "
        "JOIN activiteit USING (activiteit_id) LEFT JOIN organisatie USING (organisatie_id) "
        "WHERE telt_mee",
        "personen": "SELECT * FROM deelnames JOIN ("
        "SELECT count(*) AS deelnames, arg_min(file_row_number, (begint_op, inschrijving_id)) AS eerste "
        "FROM deelnames GROUP BY persoon_id) ON eerste = file_row_number",
        "kwaliteit": "SELECT *, row_number() OVER () AS volgnummer, NULL AS blad, "
        f"{literal(odoo.SYSTEM)} AS systeem FROM (SELECT * FROM bevindingen UNION ALL BY NAME "
        f"SELECT bestand, rij, CASE reden_niet_geteld {headers} END AS kolom, "
        f"reden_niet_geteld AS reden, {literal(NOT_COUNTED)} AS gevolg, "
        f"CASE reden_niet_geteld {shown} END AS waarde FROM inschrijvingen "
        f"ANTI JOIN (FROM bevindingen WHERE gevolg = {literal(NOT_COUNTED)}) USING (bestand, rij) "
        "WHERE NOT telt_mee UNION ALL BY NAME "
        f"SELECT bestand, rij, {literal(odoo.NO_ORGANISATION)} AS reden, {literal(LOOK)} AS gevolg "
        "FROM inschrijvingen WHERE telt_mee AND organisatie_id IS NULL)",
    }


_TYPED = """
SELECT getypte_organisatie, count(*) AS keer, arg_min(bestand, volgorde) AS bestand,
    arg_min(rij, volgorde) AS rij
FROM rijen LEFT JOIN dubbel USING (volgorde)
WHERE koppelwijze IN ('boeker', 'onbekend') AND getypte_organisatie IS NOT NULL
    AND NOT coalesce(eigen_naam, false)
    AND coalesce(reden_cel, reden_dubbel, reden_regel, '') NOT IN ('eigen medewerker', 'test')
GROUP BY getypte_organisatie ORDER BY min(volgorde)
"""
"""The typed names that no rule recognises; who typed the own name is left out (`process`)."""
