"""Pages for people: server-rendered HTML that works without scripts."""

from litestar.handlers import HTTPRouteHandler

from api.pages.beacons import beacon
from api.pages.buying import buy
from api.pages.embeds import embed
from api.pages.explained import front_page, problem
from api.pages.gallery import show_gallery
from api.pages.landing import show_landing
from api.pages.permalinks import (
    buy_link,
    checkout_link,
    profile,
    shop_buy_link,
    shop_checkout_link,
    shop_profile,
)
from api.pages.product_pages import buy_product, show_product
from api.pages.receipts import receipt
from api.pages.recovering import recover
from api.pages.reference import reference
from api.pages.static import static_file

PAGES: tuple[HTTPRouteHandler, ...] = (
    show_landing,
    buy,
    beacon,
    receipt,
    recover,
    problem,
    front_page,
    reference,
    static_file,
    buy_link,
    shop_buy_link,
    checkout_link,
    shop_checkout_link,
    profile,
    shop_profile,
    show_gallery,
    show_product,
    buy_product,
    embed,
)
