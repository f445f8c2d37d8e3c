"""Finding products by words: whatever their case and accents, in title, tags, vendor, type, SKUs and description.

The words of a product are written down folded whenever it changes; a question is folded the same way, and each of its
words must begin one of the product's. Letters of scripts without blanks between words match anywhere.

This reads every product's words of one shop, a few milliseconds for ten thousand of them. There is no ranking: the
newest come first, as in every list.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlmodel import col, select

from catalog.errors import TooManyWords
from catalog.models import Product, ProductTag, ProductWords, Variant
from core.db import AsyncSession
from core.shops import Shop

MAX_WORDS = 10
MAX_LENGTH = 8_000
_WORD = re.compile(r"[^\W_]+")
# Letters that Unicode does not take apart.
_LETTERS = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})


def words(text: str) -> list[str]:
    """The words of a text, folded: `Été à Nîmes, réf. AB-12` is `ete a nimes ref ab 12`."""
    taken_apart = unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)
    bare = "".join(sign for sign in taken_apart if not unicodedata.combining(sign))
    return _WORD.findall(bare)


def matching(shop: Shop, question: str) -> sa.ColumnElement[bool]:
    """What a product must be for every word of the question to be found; nothing, where there is no word in it.

    Refuses TooManyWords.
    """
    wanted = list(dict.fromkeys(words(question)))
    if len(wanted) > MAX_WORDS:
        raise TooManyWords(f"At most {MAX_WORDS} words.", limit=MAX_WORDS)
    if not wanted:
        return sa.false()
    found = select(ProductWords.product_id).where(ProductWords.shop_id == shop.id)
    for word in wanted:
        begins = f" {word}" if word.isascii() else word
        found = found.where(col(ProductWords.words).contains(begins, autoescape=True))
    return col(Product.id).in_(found)


async def index(session: AsyncSession, shop_id: str, product_ids: Sequence[str]) -> None:
    """Write down the words of these products, as they stand in this transaction."""
    if not product_ids:
        return
    await session.flush()
    texts: dict[str, list[str]] = defaultdict(list)
    for statement in _texts(product_ids):
        for product_id, text in await session.core(statement):
            texts[product_id].append(text)
    kept = [{"product_id": each, "shop_id": shop_id, "words": _joined(told)} for each, told in texts.items()]
    await session.exec(sa.delete(ProductWords).where(col(ProductWords.product_id).in_(product_ids)))
    if kept:
        await session.exec(sa.insert(ProductWords), params=kept)


def _texts(product_ids: Sequence[str]) -> list[sa.Select[tuple[str, str]]]:
    """What a product says, the important things first: a long description is cut short."""
    of, tagged, sold = col(Product.id), col(ProductTag.product_id), col(Variant.product_id)
    named = col(Product.title) + " " + col(Product.vendor) + " " + col(Product.product_type)
    living = col(Variant.archived_at).is_(None)
    return [
        sa.select(of, named).where(of.in_(product_ids)),
        sa.select(tagged, col(ProductTag.tag)).where(tagged.in_(product_ids)),
        sa.select(sold, sa.func.coalesce(col(Variant.sku), "")).where(sold.in_(product_ids), living),
        sa.select(of, col(Product.description)).where(of.in_(product_ids)),
    ]


def _joined(texts: Iterable[str]) -> str:
    """Each word once, a blank before each of them."""
    every = dict.fromkeys(word for text in texts for word in words(text))
    joined = "".join(f" {word}" for word in every)
    return joined if len(joined) <= MAX_LENGTH else joined[:MAX_LENGTH].rpartition(" ")[0]
