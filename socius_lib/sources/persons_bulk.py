"""Which registrations are of one person, by the million: what `identity.find_persons` does, in DuckDB."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from socius_lib import bulk, forms
from socius_lib.sql import literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_SHARED = ", ".join(map(literal, sorted(forms.SHARED_MAILBOXES)))
KEYS = (
    f"CASE WHEN split_part(email, '@', 1) NOT IN ({_SHARED}) THEN hash(email) END AS sleutel_mail, "
    "CASE WHEN naam_sleutel <> '' AND organisatie_id IS NOT NULL "
    "THEN hash(organisatie_id, naam_sleutel) END AS sleutel_naam"
)
"""What rows of one person share (`identity.person_keys`), as numbers of 64 bits.

That any two of six million different keys have one number happens in one run of a million.
"""


def find_persons(con: DuckDBPyConnection, earlier: Sequence[Path], former: Sequence[Path]) -> None:
    """Make `met_sleutel`, the rows with a key, `persoon`, who a key is of, and their `pseudoniem`.

    Rows that share a key, directly or over others, are of one person; rows of earlier years too.

    Parameters
    ----------
    con : with the view `rijen`, which has `KEYS`, `volgorde` and `inschrijving_id`.
    earlier : files of `identiteit` of the earlier years, oldest first.
    former : the file of `identiteit` of this year's former run. It only gives pseudonyms back.
    """
    _read_identities(con, "vroeger", earlier)
    _read_identities(con, "vorige_run", former)
    # A row without any key is of a person of its own.
    con.execute(
        "CREATE VIEW met_sleutel AS SELECT *, "
        "coalesce(sleutel_mail, sleutel_naam, hash('rij', volgorde)) AS sleutel FROM rijen"
    )
    con.execute(
        "CREATE TABLE band AS SELECT DISTINCT sleutel, coalesce(sleutel_naam, sleutel) AS ook FROM "
        "(SELECT sleutel, sleutel_naam FROM met_sleutel UNION ALL "
        "SELECT sleutel, sleutel_naam FROM vroeger)"
    )
    con.execute(
        "CREATE TABLE knoop AS SELECT sleutel, (row_number() OVER () - 1)::INTEGER AS nr "
        "FROM (SELECT sleutel FROM band UNION SELECT ook FROM band)"
    )
    nodes = con.execute("SELECT count(*) FROM knoop").fetchall()[0][0]
    bands = con.execute(
        "SELECT van.nr AS van, naar.nr AS naar FROM band JOIN knoop van USING (sleutel) "
        "JOIN knoop naar ON naar.sleutel = ook"
    ).fetchnumpy()
    persons, of_node = _groups(np.asarray(bands["van"]), np.asarray(bands["naar"]), nodes)
    con.register("groep", pa.table({"nr": np.arange(nodes, dtype="int32"), "persoon": of_node}))
    con.execute("CREATE TABLE persoon AS SELECT sleutel, persoon FROM knoop JOIN groep USING (nr)")
    con.execute("DROP TABLE band; DROP TABLE knoop")
    drawn = np.frombuffer(secrets.token_bytes(8 * persons), "uint64")
    con.register("geloot", pa.table({"persoon": np.arange(persons, dtype="int32"), "lot": drawn}))
    con.execute(_GIVE_PSEUDONYMS)


def _read_identities(con: DuckDBPyConnection, name: str, files: Sequence[Path]) -> None:
    """Make a table of the rows of these files of `identiteit`, in their order, with their keys."""
    wanted = "persoon_id, inschrijving_id, email, organisatie_id, naam"
    parts = [
        f"SELECT {number}::BIGINT * {bulk.ROWS_OF_A_FILE} + file_row_number AS volgorde, {wanted} "
        f"FROM read_parquet({literal(file)}, file_row_number = true)"
        for number, file in enumerate(files)
    ]
    nobody = ", ".join(f"''::VARCHAR AS {column}" for column in wanted.split(", "))
    rows = " UNION ALL ".join([*parts, f"SELECT 0::BIGINT AS volgorde, {nobody} WHERE false"])
    query = f"SELECT DISTINCT naam FROM ({rows}) WHERE naam IS NOT NULL"
    names = [found for (found,) in con.execute(query).fetchall()]
    keys = [forms.person_key(found) for found in names]
    of_name = {"naam": pa.array(names, pa.string()), "naam_sleutel": pa.array(keys, pa.string())}
    con.register(f"naam_{name}", pa.table(of_name))
    con.execute(
        f"CREATE TABLE {name} AS SELECT *, coalesce(sleutel_mail, sleutel_naam) AS sleutel "
        f"FROM (SELECT volgorde, persoon_id, inschrijving_id, {KEYS} "
        f"FROM ({rows}) LEFT JOIN naam_{name} USING (naam))"
    )
    if name == "vroeger":
        con.execute("DELETE FROM vroeger WHERE sleutel IS NULL")


_GIVE_PSEUDONYMS = """
CREATE TABLE van_vroeger AS  -- where two were one person, the oldest holds
    SELECT persoon, arg_min(persoon_id, volgorde) AS persoon_id
    FROM vroeger JOIN persoon USING (sleutel) GROUP BY persoon;
CREATE TABLE merk AS
    SELECT merk, arg_max(persoon_id, volgorde) AS persoon_id FROM (
        SELECT sleutel_mail AS merk, persoon_id, volgorde FROM vorige_run UNION ALL
        SELECT sleutel_naam, persoon_id, volgorde FROM vorige_run UNION ALL
        SELECT hash('inschrijving', inschrijving_id), persoon_id, volgorde FROM vorige_run
    ) WHERE merk IS NOT NULL GROUP BY merk;
CREATE TABLE van_vorige_run AS  -- a pseudonym is given back once, to whom the first row is of
    SELECT persoon, persoon_id FROM (
        SELECT persoon, arg_min(persoon_id, (volgorde, voorrang)) AS persoon_id, min(volgorde) AS eerste
        FROM (
            SELECT sleutel, volgorde, 0 AS voorrang, persoon_id
            FROM met_sleutel JOIN merk ON merk = sleutel_mail UNION ALL
            SELECT sleutel, volgorde, 1, persoon_id
            FROM met_sleutel JOIN merk ON merk = sleutel_naam UNION ALL
            SELECT sleutel, volgorde, 2, persoon_id
            FROM met_sleutel JOIN merk ON merk = hash('inschrijving', inschrijving_id)
        ) JOIN persoon USING (sleutel)
        ANTI JOIN van_vroeger USING (persoon) GROUP BY persoon
    ) ANTI JOIN vroeger USING (persoon_id)
    QUALIFY row_number() OVER (PARTITION BY persoon_id ORDER BY eerste) = 1;
CREATE TABLE pseudoniem AS
    SELECT persoon, coalesce(van_vroeger.persoon_id, van_vorige_run.persoon_id,
        format('p{:016x}', lot)) AS persoon_id
    FROM geloot LEFT JOIN van_vroeger USING (persoon) LEFT JOIN van_vorige_run USING (persoon);
"""


def _groups(first: np.ndarray, second: np.ndarray, nodes: int) -> tuple[int, np.ndarray]:
    """Return how many groups the bands make of so many nodes, and the group of each node."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    bands = coo_array((np.ones(len(first), "int8"), (first, second)), shape=(nodes, nodes))
    persons, of_node = connected_components(bands, directed=False)
    return int(persons), of_node
