"""``narrowgate assure``: the promises of the design, tried on the machine of whoever must believe them."""
