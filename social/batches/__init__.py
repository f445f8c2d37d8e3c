"""Batches: the visuals of many products, drawn in the background."""
