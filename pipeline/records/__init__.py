"""Records of measured builds, so that scenarios can be compared.

`build_record` is the value, `build_records` keeps them in SQLite, `waiting` those that the database cannot
take now. `machine` describes the machine that they ran on. A database in trouble costs neither a release nor
a record. The room imports `core` only; `BuildRecord` crosses its border.
"""
