"""Measurements of what the library promises to be quick at; see `make bench`."""
