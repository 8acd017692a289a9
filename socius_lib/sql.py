"""Tables in DuckDB: for what is too large for memory, in the types and by the rules of `tables`."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from socius_lib import schema
from socius_lib.schema import Column, Dtype, Table

if TYPE_CHECKING:
    import pandas as pd
    from duckdb import DuckDBPyConnection

PARQUET = "FORMAT parquet, DICTIONARY_SIZE_LIMIT 2000"
"""How files are written: names and addresses are nearly all different, and listing them takes long."""
SCRATCH = f"{PARQUET}, COMPRESSION uncompressed"
"""How files are written that are read once or twice and then go."""
MEMORY = "1GB"
"""What DuckDB keeps in memory; the rest goes to files in the folder that it is given."""
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What the system calls a full disk."""
SQL_TYPES: Mapping[Dtype, str] = {
    "text": "VARCHAR",
    "whole": "BIGINT",
    "number": "DOUBLE",
    "yes_no": "BOOLEAN",
    "moment": "TIMESTAMP",
}


@contextmanager
def connect(folder: Path) -> Iterator[DuckDBPyConnection]:
    """Give a database that keeps in a folder what does not fit in memory.

    Raises
    ------
    OSError
        for a full disk, as Python's own files do.
    """
    import duckdb  # small exports do without what is slow to import

    con = duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": str(folder)})
    try:
        yield con
    except (duckdb.IOException, duckdb.OutOfMemoryException) as wrong:
        full = [code for code in FULL if os.strerror(code) in str(wrong)]
        if full or "max_temp_directory_size" in str(wrong):
            code = full[0] if full else errno.ENOSPC
            raise OSError(code, os.strerror(code)) from None
        raise
    finally:
        con.close()


def literal(text: str | Path) -> str:
    """Return a text as SQL writes it."""
    return "'" + str(text).replace("'", "''") + "'"


def write(con: DuckDBPyConnection, query: str, table: Table, path: Path) -> Path:
    """Write the rows of a query as a table, in the types of its description, and check it by that.

    Raises
    ------
    SociusError
        naming the column and broken rule: a fault in the workbench, not in the export.
    """
    stored = [column for column in table.stored if column.name != "jaar"]
    con.execute(f"COPY (SELECT {_typed(stored)} FROM ({query})) TO {literal(path)} ({PARQUET})")
    rows = f"read_parquet({literal(path)})"
    rules = dict(_rules(table, stored))
    counts = "".join(f"count_if({broken}), " for broken in rules.values())
    key = ", ".join(f'"{name}"' for name in table.key if name != "jaar")
    # Where the hashes all differ the keys do, and numbers are quicker to tell apart.
    query = f"SELECT {counts}count(*) - count(DISTINCT hash({key})) FROM {rows}"
    [(*found, again)] = con.execute(query).fetchall()
    said = [rule for rule, count in zip(rules, found, strict=True) if count]
    twice = f"SELECT 1 FROM {rows} GROUP BY {key} HAVING count(*) > 1 LIMIT 1"
    if again and con.execute(twice).fetchall():
        said.append(f"{key}: komt meer dan eens voor")
    if said:
        raise schema.broken(table, "; ".join(said))
    return path


def _typed(columns: Sequence[Column]) -> str:
    return ", ".join(f'CAST("{c.name}" AS {SQL_TYPES[c.dtype]}) AS "{c.name}"' for c in columns)


def query_of(table: Table, files: Mapping[int, Path]) -> str:
    """Return the SQL of the rows of a table, in the types of its description, from a file per year."""
    parts = [
        f"SELECT {_typed(table.stored)} FROM (SELECT *, {year} AS jaar "
        f"FROM read_parquet({literal(file)}, hive_partitioning = false))"
        for year, file in files.items()
    ]
    return " UNION ALL ".join(parts)


def _rules(table: Table, columns: Sequence[Column]) -> Iterator[tuple[str, str]]:
    """Give the rules of a description (`schema.check`), each with the rows in SQL that break it."""
    for column in columns:
        name = f'"{column.name}"'
        if column.name in table.key:
            yield f"{column.name}: leeg", f"{name} IS NULL"
        if column.allowed is not None:
            values = ", ".join(map(literal, column.allowed))
            yield f"{column.name}: andere waarde", f"{name} NOT IN ({values})"
        if column.low is not None:
            yield f"{column.name}: te laag", f"{name} < {column.low}"
        if column.high is not None:
            yield f"{column.name}: te hoog", f"{name} > {column.high}"


def put_before(frame: pd.DataFrame, file: Path, table: Table) -> Path:
    """Return a file with the rows of a frame and then those of a file, numbered on (`volgnummer`)."""
    import pyarrow as pa

    first = schema.fit(frame, table).drop(columns="jaar")
    with connect(file.parent) as con:
        con.register("eerst", pa.Table.from_pandas(first, preserve_index=False))
        query = (
            "SELECT * REPLACE (row_number() OVER () AS volgnummer) FROM "
            f"(FROM eerst UNION ALL BY NAME FROM read_parquet({literal(file)}))"
        )
        return write(con, query, table, file.with_name(f"samen_{file.name}"))


def count_rows(file: Path) -> int:
    """Return how many rows a Parquet file has."""
    import pyarrow.parquet as pq  # small exports do without this too

    return int(pq.read_metadata(file).num_rows)
