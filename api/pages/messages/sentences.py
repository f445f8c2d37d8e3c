"""Which sentences the pages need; each language is a file beside this one."""

import msgspec


class Messages(msgspec.Struct, frozen=True, kw_only=True):
    """Every sentence of the pages in one language; `{…}` stands for what is put in.

    `locale` is whose rules amounts and countries' names follow.
    """

    language: str
    locale: str
    # Landing page
    buy: str
    quantity: str
    variant: str
    sold_out: str
    left: str
    starting_at: str
    was: str
    now: str
    secure: str
    about: str
    others: str
    pictures: str
    ended: str
    link_early: str
    link_over: str
    renamed: str
    price_since: str
    sold_out_all: str
    discount: str
    discount_later: str
    one_piece: str
    free_shipping: str
    taxes_included: str
    taxes_added: str
    shipping: str
    shipping_to: str
    shipping_free: str
    shipping_free_from: str
    shipping_days: str
    shipping_days_exactly: str
    shipping_day: str
    # The shop's own pages
    to_shop: str
    product_lost: str
    seen_in_posts: str
    tap_a_point: str
    in_this_picture: str
    all_products: str
    more: str
    nothing_yet: str
    about_shop: str
    # A basket, and what a link asked for in vain
    basket: str
    basket_empty: str
    basket_gone: str
    remove: str
    update: str
    zero_removes: str
    each_piece: str
    line_gone: str
    line_sold_out: str
    look: str
    before_shipping: str
    basket_changed: str
    taken_some: str
    missing: str
    missing_one: str
    partial: str
    code_not_good: str
    choice_gone: str
    choice_sold_out: str
    # What went wrong when Buy was pressed
    taken: str
    only_left: str
    no_longer: str
    payment_away: str
    unpayable: str
    not_shipped: str
    price_changed: str
    shipping_changed: str
    page_old: str
    foreign: str
    # Errors
    not_found_title: str
    link_not_found: str
    not_found: str
    error_title: str
    error: str
    refused_title: str
    refused: str
    away_title: str
    away: str
    reference: str
    # The order
    order: str
    order_number: str
    thanks: str
    paid: str
    confirming_title: str
    confirming: str
    still_confirming: str
    reload: str
    processing_title: str
    processing: str
    too_many: str
    again: str
    again_gone: str
    again_failed: str
    again_for: str
    changed_title: str
    changed: str
    total_before: str
    total_today: str
    paid_otherwise: str
    paid_line: str
    subtotal: str
    discount_line: str
    shipping_line: str
    tax_line: str
    refund: str
    expired_title: str
    expired: str
    cancelled_title: str
    cancelled: str
    refunded_title: str
    refunded: str
    partially_refunded: str
    failed_title: str
    failed: str
    back_to_shop: str
    back_to_basket: str
    times: str
    total: str
    keep_page: str
    # In an app's own browser
    in_app: str
    open_in_browser: str
    open_outside: str
    hide: str
    # Who sells, and on which terms
    legal_notice: str
    terms_link: str
    returns_link: str
    privacy_link: str
    withdraw: str
    seller: str
    address: str
    email: str
    phone: str
    registration: str
    vat_number: str
    publisher: str
    host: str
    mediator: str
    withdrawal: str
    withdrawal_days: str
    return_paid: str
    return_unpaid: str
    returns_within: str
    returns_free: str
