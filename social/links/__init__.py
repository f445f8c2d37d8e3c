"""Deep links: what a post carries, who tapped it, and how an order knows where its buyer came from."""
