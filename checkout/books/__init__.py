"""The shop's books against Stripe's: what was missed is fetched, what differs is said."""
