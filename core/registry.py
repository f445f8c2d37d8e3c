"""Open families: a new network, template or importer is one new file with one constant."""

import importlib
import pkgutil
from types import ModuleType
from typing import TypeVar

T = TypeVar("T")


def gather(package: ModuleType, name: str, kind: type[T]) -> tuple[T, ...]:
    """Import every module of `package` and collect its constant `name`.

    Modules without the constant are passed over (they hold what the members share); a constant of
    another type is a mistake of the programmer and raises TypeError. Ordered by module name.
    """
    found: list[T] = []
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda each: each.name):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        member = getattr(module, name, None)
        if member is None:
            continue
        if not isinstance(member, kind):
            raise TypeError(f"{module.__name__}.{name} is no {kind.__name__}.")
        found.append(member)
    return tuple(found)
