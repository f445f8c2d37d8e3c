"""Lists in statements that are constants."""

from core.statements import Several


def test_a_list_goes_in_parts_and_the_last_value_fills_the_rest() -> None:
    some = Several("asset", 2)
    assert [each.key for each in some.parameters] == ["asset0", "asset1"]
    assert list(some.values(["a", "b", "a", "c"])) == [{"asset0": "a", "asset1": "b"}, {"asset0": "c", "asset1": "c"}]
    assert not list(some.values([]))
