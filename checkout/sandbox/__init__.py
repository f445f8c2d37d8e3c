"""A local server that speaks Stripe's wire: for development, the demo and the tests. It never sees a real card."""
