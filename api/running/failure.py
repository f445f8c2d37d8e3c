"""What ends a command with a sentence instead of a traceback."""


class Failure(RuntimeError):
    """Something did not go as it must; the message says what, to the person at the terminal."""


def of_database(error: Exception) -> str:
    """What a database says no with, in one sentence."""
    cause = str(getattr(error, "orig", None) or error).splitlines()[0]
    if "no such table" in cause or ("relation" in cause and "does not exist" in cause):
        return "The database has no tables yet, or old ones: run `vitrine migrate`."
    return f"The database refuses: {cause}"
