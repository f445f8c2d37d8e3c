"""Where products are shown and how people come back: networks, posts, tags, captions, kits and links."""
