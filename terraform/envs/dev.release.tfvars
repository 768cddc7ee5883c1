# As production.
