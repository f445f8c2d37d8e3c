"""Where picture bytes lie: one file, one constant STORAGE each."""
