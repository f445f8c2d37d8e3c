"""Warnings: what was changed or lost in a picture, or may disappoint where it is shown. They hinder nothing."""

# `slug` says which warning it is; beside it stand the facts, and often a `detail` for people to read.
WarningFacts = dict[str, str | int | float]
Warnings = list[WarningFacts]
