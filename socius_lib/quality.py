"""What is kept of a row that does not count, and the count of rows per file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

Consequence = Literal[
    "telt niet mee", "telt mee zonder die waarde", "telt mee, nakijken", "bestand niet gelezen"
]
NOT_COUNTED: Consequence = "telt niet mee"
VALUE_DROPPED: Consequence = "telt mee zonder die waarde"
LOOK: Consequence = "telt mee, nakijken"
NOT_READ: Consequence = "bestand niet gelezen"


@dataclass(frozen=True)
class Finding:
    """One row of `kwaliteit`: where, why, and what happens to the row.

    `value` is only given for columns that do not identify a person.
    """

    system: str
    file: str
    sheet: str | None
    row: int | None
    column: str | None
    reason: str
    consequence: Consequence
    value: str | None = None


@dataclass(frozen=True)
class FileCount:
    """One row of `bestanden`: the rows of a file or sheet, counted and not counted."""

    system: str
    file: str
    sheet: str | None
    rows_in: int
    rows_not_counted: int


@dataclass
class QualityLog:
    """The findings of one year in the order in which they were met, and the rows of every file.

    `counted` are files that were counted where they were read, with findings that are kept there.
    """

    findings: list[Finding] = field(default_factory=list)
    counted: list[FileCount] = field(default_factory=list)
    _rows: dict[tuple[str, str, str | None], set[int]] = field(default_factory=dict)

    def note(
        self,
        system: str,
        file: str,
        reason: str,
        consequence: Consequence,
        *,
        sheet: str | None = None,
        row: int | None = None,
        column: str | None = None,
        value: str | None = None,
    ) -> None:
        """Keep one finding."""
        self.findings.append(Finding(system, file, sheet, row, column, reason, consequence, value))

    def count_file(self, system: str, file: str, sheet: str | None, rows: Iterable[int]) -> None:
        """Keep the numbers of the data rows of a file or sheet; more calls on one sheet add up."""
        self._rows.setdefault((system, file, sheet), set()).update(rows)

    def refuse_files(self, system: str, files: Sequence[str], reason: str) -> None:
        """Keep that these files were not read, in place of what was found in them so far."""
        self.findings = [found for found in self.findings if found.file not in files]
        self._rows = {place: rows for place, rows in self._rows.items() if place[1] not in files}
        self.counted = [count for count in self.counted if count.file not in files]
        for file in files:
            self.note(system, file, reason, NOT_READ)

    @property
    def files(self) -> list[FileCount]:
        """The count of every file or sheet, in order of reading.

        A row does not count when a finding says so; several findings on a row are one row.
        """
        left_out: dict[tuple[str, str, str | None], set[int]] = {
            place: set() for place in self._rows
        }
        for finding in self.findings:
            place = (finding.system, finding.file, finding.sheet)
            if finding.consequence != NOT_COUNTED or finding.row is None:
                continue
            if finding.row in self._rows.get(place, ()):
                left_out[place].add(finding.row)
        return self.counted + [
            FileCount(*place, len(rows), len(left_out[place])) for place, rows in self._rows.items()
        ]
