"""The sector's year in DuckDB SQL, written by hand for these very files: what ours is measured beside."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd
from sector_data import EVENTS, JAAR, PARTNERS, REGISTRATIONS

FOLD = "trim(regexp_replace(lower(strip_accents({})), '[^a-z0-9]+', ' ', 'g'))"
ORGANISATION_KEY = (
    "replace(regexp_replace(trim(regexp_replace(replace(lower(strip_accents({})), '.', ''), "
    "'[^a-z0-9]+', ' ', 'g')), '^vzw | vzw$', '', 'g'), ' ', '')"
)
KNOWN = f"""
CREATE TABLE organisatie AS SELECT id AS organisatie_id, name AS naam, x_studio_alias AS alias,
    lower(x_studio_doelgroep) AS doelgroep, x_studio_erkend IS NOT NULL AS erkend,
    lower(x_studio_type) AS type, lower(x_studio_werkingsgebied) AS werkingsgebied,
    x_studio_instromer IS NOT NULL AS instromer, x_studio_subsidieschaal AS subsidieschaal,
    x_studio_sector AS sector FROM partner WHERE is_company = 'True';
CREATE TABLE contact AS SELECT id, lower(trim(email)) AS email, "parent_id/id" AS organisatie_id
    FROM partner WHERE is_company IS NULL;
CREATE TABLE op_email AS SELECT email, any_value(organisatie_id) AS organisatie_id FROM contact
    WHERE email IS NOT NULL GROUP BY email HAVING count(DISTINCT organisatie_id) = 1;
CREATE TABLE op_naam AS SELECT sleutel, any_value(organisatie_id) AS organisatie_id FROM (
    SELECT {ORGANISATION_KEY.format("naam")} AS sleutel, organisatie_id FROM organisatie UNION
    SELECT {ORGANISATION_KEY.format("alias")}, organisatie_id FROM organisatie
) WHERE sleutel <> '' GROUP BY sleutel HAVING count(DISTINCT organisatie_id) = 1;
CREATE TABLE op_boeker AS SELECT id, organisatie_id FROM contact UNION ALL
    SELECT organisatie_id, organisatie_id FROM organisatie;
CREATE TABLE activiteit AS SELECT id AS activiteit_id, row_number() OVER () AS nr,
    date_begin::TIMESTAMP AS begint_op, lower(x_studio_vorm) AS vorm, x_studio_thema AS thema,
    CASE WHEN year(date_begin::TIMESTAMP) <> {JAAR} THEN 'begint niet in {JAAR}'
        WHEN stage_id = 'Geannuleerd' THEN 'geannuleerd'
        WHEN event_type_id = 'Evenement' THEN 'evenement, wordt apart geteld' END AS reden
    FROM evenement;
"""
CLEAN = f"""
CREATE VIEW schoon AS SELECT rij, id AS inschrijving_id, "event_id/id" AS activiteit_id,
    trim(regexp_replace(name, ' +', ' ', 'g')) AS naam,
    CASE WHEN contains(email, '@') THEN lower(replace(email, ' ', '')) END AS email,
    ltrim(phone, '''') AS telefoon,
    trim(regexp_replace(company_name, ' +', ' ', 'g')) AS getypte_organisatie,
    {ORGANISATION_KEY.format("company_name")} AS organisatie_sleutel,
    replace(CASE WHEN contains(name, ',')
        THEN {FOLD.format("split_part(name, ',', 2) || ' ' || split_part(name, ',', 1)")}
        ELSE {FOLD.format("name")} END, ' ', '') AS naam_sleutel,
    CASE x_studio_functie WHEN 'Directeur/coördinator' THEN 'directeur'
        WHEN 'Communicatie/ICT-medewerker' THEN 'communicatie/ICT'
        WHEN 'Sociaal-cultureel werker' THEN 'sociaal-cultureel werker' END AS beroep,
    x_studio_functie AS getypt_beroep, email AS getypte_email,
    CASE state WHEN 'done' THEN 'bezocht' WHEN 'open' THEN 'bevestigd'
        WHEN 'draft' THEN 'onbevestigd' WHEN 'cancel' THEN 'geannuleerd' END AS status,
    try_cast(create_date AS TIMESTAMP) AS ingeschreven_op,
    date_closed IS NOT NULL AND try_cast(date_closed AS TIMESTAMP) IS NULL AS geen_datum, "partner_id/id" AS boeker_id FROM ruw;
CREATE TABLE rij AS SELECT schoon.* EXCLUDE (organisatie_sleutel, naam_sleutel, boeker_id),
    activiteit.nr AS activiteit_nr,
    coalesce(op_email.organisatie_id, op_naam.organisatie_id, op_boeker.organisatie_id)
        AS organisatie_id,
    CASE WHEN op_email.organisatie_id IS NOT NULL THEN 'e-mail'
        WHEN op_naam.organisatie_id IS NOT NULL THEN 'naam'
        WHEN op_boeker.organisatie_id IS NOT NULL THEN 'boeker' ELSE 'onbekend' END AS koppelwijze,
    CASE WHEN status IS NULL THEN 'Status: de waarde is leeg'
        WHEN row_number() OVER (PARTITION BY inschrijving_id, status IS NULL ORDER BY rij) > 1
            THEN 'ID komt al voor: eerste rij telt'
        WHEN activiteit.nr IS NULL THEN 'activiteit staat niet in de export'
        WHEN activiteit.reden IS NOT NULL THEN 'activiteit telt niet: ' || activiteit.reden
        WHEN status <> 'bezocht' THEN 'status ' || status
        WHEN schoon.email LIKE '%@socius.example' THEN 'eigen medewerker'
        WHEN naam_sleutel = 'test' THEN 'test' END AS reden,
    CASE WHEN split_part(schoon.email, '@', 1) NOT IN
        ('info', 'secretariaat', 'onthaal', 'contact', 'admin', 'team')
        THEN hash(schoon.email) END AS een,
    CASE WHEN naam_sleutel <> '' AND coalesce(op_email.organisatie_id, op_naam.organisatie_id,
        op_boeker.organisatie_id) IS NOT NULL THEN hash(coalesce(op_email.organisatie_id,
        op_naam.organisatie_id, op_boeker.organisatie_id), naam_sleutel) END AS ander
    FROM schoon LEFT JOIN activiteit USING (activiteit_id) LEFT JOIN op_email USING (email)
    LEFT JOIN op_naam ON op_naam.sleutel = organisatie_sleutel
    LEFT JOIN op_boeker ON op_boeker.id = boeker_id;
DROP TABLE ruw;
CREATE TABLE band AS SELECT DISTINCT coalesce(een, ander, hash(rij)) AS van,
    coalesce(ander, een, hash(rij)) AS naar FROM rij;
CREATE TABLE merk AS SELECT van AS sleutel, van AS persoon FROM band UNION
    SELECT naar, naar FROM band;
"""
SPREAD = """
CREATE OR REPLACE TABLE laagste AS
    SELECT van, naar, least(a.persoon, b.persoon) AS persoon, a.persoon <> b.persoon AS anders
    FROM band JOIN merk a ON a.sleutel = van JOIN merk b ON b.sleutel = naar;
CREATE OR REPLACE TABLE merk AS SELECT sleutel, min(persoon) AS persoon FROM
    (SELECT van AS sleutel, persoon FROM laagste UNION ALL SELECT naar, persoon FROM laagste)
    GROUP BY sleutel;
CREATE OR REPLACE TABLE merk AS SELECT a.sleutel, coalesce(b.persoon, a.persoon) AS persoon
    FROM merk a LEFT JOIN merk b ON b.sleutel = a.persoon;
"""
TABLES = """
CREATE TABLE persoon AS SELECT sleutel, format('p{:016x}', persoon) AS persoon_id FROM merk;
CREATE TABLE wie AS SELECT rij, activiteit_nr, persoon, reden FROM rij
    JOIN merk ON sleutel = coalesce(een, ander, hash(rij));
CREATE TABLE nogmaals AS SELECT rij FROM wie WHERE reden IS NULL
    QUALIFY row_number() OVER (PARTITION BY activiteit_nr, persoon ORDER BY rij) > 1;
CREATE VIEW volledig AS SELECT rij.* REPLACE (coalesce(reden, CASE WHEN nogmaals.rij IS NOT NULL
    THEN 'zelfde persoon in dezelfde activiteit: eerste rij telt' END) AS reden), persoon_id
    FROM rij JOIN persoon ON sleutel = coalesce(een, ander, hash(rij.rij))
    LEFT JOIN nogmaals USING (rij);
"""
WRITTEN = {
    "inschrijvingen": "SELECT inschrijving_id, activiteit_id, persoon_id, organisatie_id, koppelwijze,"
    " beroep, status, ingeschreven_op, 'inschrijvingen' AS bestand, rij, reden IS NULL AS telt_mee,"
    " reden AS reden_niet_geteld FROM volledig",
    "identiteit": "SELECT inschrijving_id, persoon_id, organisatie_id, naam, email, telefoon,"
    " getypte_organisatie, 'inschrijvingen' AS bestand, rij FROM volledig",
    "deelnames": "SELECT inschrijving_id, activiteit_id, begint_op, vorm, thema, persoon_id,"
    " organisatie_id, koppelwijze, doelgroep, erkend, type, werkingsgebied, instromer,"
    " subsidieschaal, sector, beroep, NULL::BOOLEAN AS terugkerend FROM inschrijvingen"
    " JOIN activiteit USING (activiteit_id) LEFT JOIN organisatie USING (organisatie_id)"
    " WHERE telt_mee",
    "personen": "SELECT * EXCLUDE (rij, file_row_number) FROM deelnames JOIN (SELECT count(*) AS"
    " deelnames, arg_min(file_row_number, (begint_op, inschrijving_id)) AS rij FROM deelnames"
    " GROUP BY persoon_id) eerste ON eerste.rij = deelnames.file_row_number",
    "kwaliteit": "SELECT rij, reden_niet_geteld AS reden FROM inschrijvingen WHERE NOT telt_mee"
    " UNION ALL SELECT rij, 'organisatie onbekend' FROM inschrijvingen"
    " WHERE telt_mee AND organisatie_id IS NULL UNION ALL SELECT rij, 'e-mail' FROM rij"
    " WHERE getypte_email IS NOT NULL AND email IS NULL UNION ALL SELECT rij, 'functie' FROM rij"
    " WHERE getypt_beroep IS NOT NULL AND beroep IS NULL"
    " UNION ALL SELECT rij, 'datum' FROM rij WHERE geen_datum OR ingeschreven_op IS NULL",
}
BROKEN = {
    "inschrijvingen": "koppelwijze NOT IN ('e-mail', 'naam', 'koppeling', 'boeker', 'onbekend')"
    " OR beroep NOT IN ('directeur', 'zakelijk verantwoordelijke', 'sociaal-cultureel werker',"
    " 'communicatie/ICT', 'administratief/logistiek') OR bestand IS NULL OR rij IS NULL"
    " OR status NOT IN ('onbevestigd', 'bevestigd', 'bezocht', 'geannuleerd')",
    "identiteit": "bestand IS NULL OR rij IS NULL",
    "deelnames": "activiteit_id IS NULL OR persoon_id IS NULL OR"
    " vorm NOT IN ('online', 'offline', 'blended') OR doelgroep NOT IN ('primair', 'secundair')"
    " OR type NOT IN ('regionaal', 'thema', 'doelgroep')"
    " OR werkingsgebied NOT IN ('landelijk', 'regionaal')",
    "personen": "persoon_id IS NULL OR doelgroep NOT IN ('primair', 'secundair') OR deelnames < 1",
    "kwaliteit": "rij IS NULL OR reden IS NULL",
}
KEYS = {
    "inschrijvingen": "bestand, rij",
    "identiteit": "bestand, rij",
    "deelnames": "activiteit_id, persoon_id",
    "personen": "persoon_id",
}


def run(year: Path, folder: Path, segments: list[list[str]]) -> list[pd.DataFrame]:
    """Return the reach per segment, and how many rows do not count per reason."""
    con = duckdb.connect(config={"memory_limit": "1GB", "temp_directory": str(folder)})
    for name, file in {"partner": PARTNERS, "evenement": EVENTS}.items():
        con.execute(f"CREATE VIEW {name} AS FROM read_csv('{year / file}', all_varchar = true)")
    con.execute(KNOWN)
    con.execute(
        "CREATE TABLE ruw AS SELECT row_number() OVER () + 1 AS rij, * "
        f"FROM read_csv('{year / REGISTRATIONS}', all_varchar = true)"
    )
    con.execute(CLEAN)
    while True:
        con.execute(SPREAD)
        if con.execute("SELECT count(*) FROM laagste WHERE anders").fetchone() == (0,):
            break
    con.execute(TABLES)
    for name, query in WRITTEN.items():
        path = folder / f"{name}.parquet"
        con.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
        con.execute(f"CREATE VIEW {name} AS FROM read_parquet('{path}', file_row_number = true)")
    _check(con)
    return [con.execute(_reach(by)).df() for by in segments] + [con.execute(_LEFT_OUT).df()]


def _check(con: duckdb.DuckDBPyConnection) -> None:
    """Check the values and keys of the tables."""
    for name, broken in BROKEN.items():
        if con.execute(f"SELECT 1 FROM {name} WHERE {broken} LIMIT 1").fetchall():
            raise ValueError(f"{name}: a value that may not be there")
    for name, key in KEYS.items():
        once = f"SELECT count(*) - count(DISTINCT hash({key})) FROM {name}"
        if con.execute(once).fetchall() != [(0,)]:
            raise ValueError(f"{name}: a key that is there twice")


def _reach(by: list[str]) -> str:
    keys = "".join(f"{name}, " for name in by)
    return (
        f"SELECT {keys}count(*) AS deelnames, count(DISTINCT persoon_id) AS personen, "
        "count(DISTINCT organisatie_id) AS organisaties FROM deelnames "
        + (f"GROUP BY {', '.join(by)} ORDER BY {keys[:-2]}" if by else "")
    )


_LEFT_OUT = (
    "SELECT reden_niet_geteld AS reden, count(*) AS rijen FROM inschrijvingen "
    "WHERE NOT telt_mee GROUP BY 1 ORDER BY 1"
)
