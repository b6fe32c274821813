"""Sending money."""
