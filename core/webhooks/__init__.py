"""Outgoing webhooks: merchants' programs hear of events, signed as Standard Webhooks wants, at least once and in order.

`published` says which events go out and as what; `endpoints` are who hears them; `deliveries` is what each one gets;
`sending` carries it there.
"""
