"""What the house costs, as figures that can be compared: ratios within one run, or bytes. `python -m bench`."""
