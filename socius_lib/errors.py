"""Refusals that a researcher can act on."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class SociusError(Exception):
    """A refusal; its text is all that the user sees, so it says what to do next."""


class InputError(SociusError):
    """A file that cannot be read as it is.

    Parameters
    ----------
    file : path of the file inside the year's folder.
    problem : what is wrong, one Dutch sentence without a person's data.
    remedy : what to do about it, one Dutch sentence.
    sheet, row, column : where, as far as it is known; `row` as a spreadsheet counts (header = 1).
    """

    def __init__(
        self,
        file: str,
        problem: str,
        remedy: str,
        *,
        sheet: str | None = None,
        row: int | None = None,
        column: str | None = None,
    ) -> None:
        where = [f"`{file}`"]
        if sheet:
            where.append(f"blad {sheet}")
        if row:
            where.append(f"rij {row}")
        if column:
            where.append(f"kolom {column}")
        self.file, self.problem, self.remedy = file, problem, remedy
        super().__init__(f"{', '.join(where)}: {problem} {remedy}")


class MissingTable(SociusError):
    """A table that does not exist for a year, because its export is not there or was refused."""


def nearest(word: str, options: Iterable[str]) -> str | None:
    """Return the option that looks most like `word`, or None when nothing comes near."""
    by_folded = {option.casefold(): option for option in options}
    found = difflib.get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None


def unknown(kind: str, word: str, options: Iterable[str]) -> SociusError:
    """Return the error for a misspelt name: it tells the nearest one, or lists what there is."""
    options = list(options)
    near = nearest(word, options)
    which = f"Onbekend{'' if kind in NEUTER else 'e'} {kind} '{word}'."
    if near:
        return SociusError(f"{which} Bedoel je '{near}'?")
    listing = ", ".join(options[:40]) or "niets"
    return SociusError(f"{which} Er is: {listing}.")


NEUTER = frozenset({"notebook", "kengetal"})
"""What one says `het` to."""
