"""What ends a command with a sentence instead of a traceback."""


class Failure(RuntimeError):
    """Something did not go as it must; the message says what, to the person at the terminal."""
