"""What a visual looks like: the language of designs, and how one is laid out on a canvas."""
