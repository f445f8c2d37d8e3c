"""Looks: one file, one constant TEMPLATE each."""
