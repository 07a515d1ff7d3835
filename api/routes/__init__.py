"""One module per kind of page or resource; each has a `router`."""
