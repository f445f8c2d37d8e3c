"""Python's search for garbage, for a process that answers requests for weeks."""

import gc

_NEW = 20_000


def search_seldom() -> None:
    """New objects are looked through after 20,000 of them, not 700: a checkout makes some thousands, and nearly all are
    gone when it is answered. Reference counts free them; the search is for cycles only.

    A process that says so before it imports the application starts with a seventh less CPU: all of that stays anyway.
    """
    gc.set_threshold(_NEW, 20, 20)


def settle() -> None:
    """Everything that is there now, the application itself, stays and is never looked through again."""
    gc.collect()
    gc.freeze()
    search_seldom()
