"""Words of any script on a canvas: fonts, the order of characters, where lines end, what fits."""
