"""What is sold: products, variants, prices, stock, pictures of products, and the files they come from."""
