"""A small catalogue: items and prices."""
