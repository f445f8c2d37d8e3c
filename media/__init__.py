"""Pictures: bytes in, bytes out; knows points, texts and prices, but no product and no network."""
