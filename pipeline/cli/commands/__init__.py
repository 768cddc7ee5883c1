"""The verbs of `tandem`: one verb, one file.

The verb NAME is the function NAME in NAME.py (`static` has verbs of its own and is a Typer `app`). Its
docstring is its `--help`; the docstring's first line stands in `tandem --help`. `main.py` lists the verbs.
A command imports the rooms that do its work inside its functions: importing all commands then takes 10 ms.
What only type hints need is imported under `TYPE_CHECKING`, and the hints are quoted.
"""
