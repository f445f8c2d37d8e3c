"""The committed document of the API, and the program that writes and checks it."""
