"""What a share bundle is made of, and how it is checked before it leaves.

- `data_files`: tables as CSV, workbook, Parquet and SPSS; `codebook`: what they mean;
- `metadata`: the letter, `datapackage.json` and `ro-crate-metadata.json`;
- `pseudonyms`: random tokens per recipient; `person_rows`: data with a row per person;
- `safe_html`: pages, notebooks and pictures for outside;
- `needles`: what must not leave; `layers`: what a file holds, decoded; `search`: the one in the other;
- `archive`: written aside, packed, checked, and only then there.
"""
