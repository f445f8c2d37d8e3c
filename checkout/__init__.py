"""From intent to paid order: checkouts, holds, Stripe, orders; the local Stripe is in `sandbox`."""
