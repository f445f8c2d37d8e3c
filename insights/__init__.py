"""Questions across rooms, read only: clicks, orders and revenue per network."""
