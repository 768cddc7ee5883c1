"""Records of measured builds, so that they can be compared, and of comparisons.

`build_record` is the value of one build, `document` what every record is stored as. `build_records` keeps
records in SQLite, `schema` migrates its database, `waiting_records` keeps those that the database cannot
take now, and `shared` those that all machines see, in DynamoDB. `machine` describes the machine that a
build ran on. A database in trouble costs neither a release nor a record.

`run_record` is the durations of one run, which the environment's store keeps; `waterfall` draws it. The
room imports `aws` and `core`; `BuildRecord`, `Document` and `RunRecord` cross its border.
"""
