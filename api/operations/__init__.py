"""What keeps an installation safe: backup, restore, and a look at its health."""
