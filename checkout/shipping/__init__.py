"""How goods get to their buyers: what that costs where, and how long it takes."""
