"""Use cases over the ports; no technology is named here."""
