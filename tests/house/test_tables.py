"""Tables: each names its shop, points down the house, and keeps choices as text; each room asks only its own."""

import ast
import re
from collections.abc import Iterator

import sqlalchemy as sa
from sqlmodel import SQLModel

from tests.house.source import ROOMS, Module, calls, import_everything, modules, nodes

# Tables that belong to no one shop, and why.
WITHOUT_SHOP = {
    "shop": "it is the shop",
    "orphan_hit": "a tap on a link that does not exist: no shop can be known",
    "spool_checkpoint": "how far a file of clicks of all shops has been read",
    "visitor_salt": "one random salt for a day, thrown away after two",
}
CHANGING = {"update", "delete", "merge", "add", "add_all", "save"}
RAW_CHANGE = re.compile(r"\b(?:update|delete\s+from)\s+\"?ledger_entry\b", re.IGNORECASE)
STATEMENTS = {"select", "update", "delete", "insert", "join", "outerjoin", "get", "add", "exists"}


def rooms_of_tables() -> dict[str, str]:
    """Name of the class of each table → the room that declares it."""
    import_everything()
    mappers = SQLModel._sa_registry.mappers
    return {mapper.class_.__name__: mapper.class_.__module__.partition(".")[0] for mapper in mappers}


def tables() -> Iterator[tuple[str, sa.Table]]:
    """Room and table."""
    import_everything()
    for mapper in SQLModel._sa_registry.mappers:
        table = mapper.local_table
        assert isinstance(table, sa.Table)
        yield mapper.class_.__module__.partition(".")[0], table


def test_every_table_names_its_shop() -> None:
    found = {table.name for _, table in tables() if "shop_id" not in table.columns}
    assert found == set(WITHOUT_SHOP), "a table without shop_id is on the list above, with its reason"


def test_no_choice_is_a_database_enum() -> None:
    found = [f"{table.name}.{c.name}" for _, table in tables() for c in table.columns if isinstance(c.type, sa.Enum)]
    assert found == [], "a new member of an open family must not need a migration: text with a CHECK"


def test_every_time_knows_its_zone() -> None:
    found = [
        f"{table.name}.{column.name}"
        for _, table in tables()
        for column in table.columns
        if isinstance(column.type, sa.DateTime)  # core.db.UtcDateTime decorates it and is none itself
    ]
    assert found == []


def test_foreign_keys_point_down_the_house() -> None:
    room_of = {table.name: room for room, table in tables()}
    found = [
        f"{table.name} → {key.column.table.name}"
        for room, table in tables()
        for key in table.foreign_keys
        if ROOMS.index(room_of[key.column.table.name]) < ROOMS.index(room)
    ]
    assert found == []


def test_each_room_asks_only_its_own_tables() -> None:
    owners = rooms_of_tables()
    found = [place for module in modules() if module.room != "insights" for place in _foreign(module, owners)]
    assert found == [], "ask the other room's verb"


def _foreign(module: Module, owners: dict[str, str]) -> Iterator[str]:
    """Each statement of a module over a table of another room."""
    imported = {
        alias.asname or alias.name
        for node in nodes(module.tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] != module.room
        for alias in node.names
        if owners.get(alias.name, module.room) != module.room
    }
    for call, name in calls(module.tree):
        if name.rpartition(".")[2] in STATEMENTS:
            used = {n.id for argument in call.args for n in ast.walk(argument) if isinstance(n, ast.Name)}
            for table in sorted(used & imported):
                yield f"{module.at(call)} {name}({table})"


def test_the_ledger_is_only_added_to() -> None:
    found = []
    for module in modules():
        for call, name in calls(module.tree):
            verb = name.rpartition(".")[2]
            written = {node.id for part in call.args for node in ast.walk(part) if isinstance(node, ast.Name)}
            if verb in CHANGING and "LedgerEntry" in written:
                found.append(f"{module.at(call)} {name}")
        raw = (node for node in nodes(module.tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
        found += [module.at(node) for node in raw if RAW_CHANGE.search(str(node.value))]
    assert found == [], "what was booked is never changed: another posting puts it right"
