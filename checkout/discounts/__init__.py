"""Discounts: what they take off (`calculation`), who keeps them (`discounts`), who used them (`redemptions`)."""
