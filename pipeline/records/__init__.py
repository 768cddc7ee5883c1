"""Records of measured builds, so that scenarios can be compared.

`build_records` keeps them in SQLite; `machine` describes the machine that they ran on. A database in trouble
costs neither a release nor a record. The room imports `core` only; `BuildRecord` crosses its border.
"""
