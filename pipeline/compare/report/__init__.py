"""The report: one comparison as an HTML page, Markdown or JSON.

`content` chooses a comparison from the records and computes its results, `findings` puts them into sentences,
`charts` draws SVG, and `page`, `markdown` and `as_json` write. The page needs no network and no script.
"""
