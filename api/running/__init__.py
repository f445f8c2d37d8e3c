"""The processes of an installation: the server, the worker, and the parent that runs both beside a local Stripe."""
