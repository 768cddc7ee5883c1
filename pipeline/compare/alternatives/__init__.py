"""Other ways to get content to nginx on Fargate, beside the sidecar: latency, start, publishing, cost.

`figure` computes with ranges that keep their basis and sources, `sources` lists the sources, `measured` holds
what was measured on one machine. `site` is the site that is modelled, `model` computes each alternative, and
`table` writes Markdown. All but the reading of the measured file is pure.
"""
