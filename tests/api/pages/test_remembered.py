"""Pages in memory: the same facts, the same page; another visitor's own texts, and never another's."""

from api.pages import remembered
from api.pages.remembered import CLICK, NONCE, Own, Pages


class Rendering:
    """A template that counts how often it was used."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.times = 0

    def __call__(self) -> str:
        self.times += 1
        return self.text


def test_the_same_facts_are_rendered_once_and_filled_for_each_visitor() -> None:
    pages, render = Pages(), Rendering(f"<a href='{CLICK}'>é {NONCE}</a> {CLICK}")
    first = Own(nonce="n1", click="c1").filled(pages.page(("robe", 7900), render))
    second = Own(nonce="n2", click="c2").filled(pages.page(("robe", 7900), render))
    assert first.decode() == "<a href='c1'>é n1</a> c1"
    assert second.decode() == "<a href='c2'>é n2</a> c2"
    assert render.times == 1


def test_other_facts_are_another_page() -> None:
    pages = Pages()
    assert pages.page(("robe", 7900), lambda: "79") == (b"79",)
    assert pages.page(("robe", 6900), lambda: "69") == (b"69",)


def test_a_visitors_own_texts_are_escaped_and_hold_no_marks() -> None:
    pages, render = Pages(), Rendering(f'<input value="{CLICK}"><input value="{NONCE}">')
    page = Own(click=f'"><b>{NONCE}', nonce="n").filled(pages.page("facts", render))
    assert page.decode() == f'<input value="&#34;&gt;&lt;b&gt;{NONCE}"><input value="n">'


def test_memory_is_bounded_and_the_page_asked_for_last_stays() -> None:
    pages, renders = Pages(most_bytes=1000), [Rendering("x" * 400) for _ in range(3)]
    for number in (0, 1, 0, 2, 0, 1):
        pages.page(number, renders[number])
    assert [each.times for each in renders] == [1, 2, 1]


def test_a_page_of_great_length_is_not_kept() -> None:
    pages, render = Pages(), Rendering("x" * (remembered.LARGEST + 1))
    assert pages.page("facts", render) == pages.page("facts", render)
    assert render.times == 2
