"""What is known of a picture by measuring it."""
