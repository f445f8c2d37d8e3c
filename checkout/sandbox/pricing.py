"""From line item parameters to priced lines and totals, with Stripe's checks on amounts."""

from decimal import ROUND_HALF_UP, Decimal

from checkout.sandbox import currencies, identifiers, records
from checkout.sandbox.call import Call
from checkout.sandbox.errors import StripeError, missing, parameter
from checkout.sandbox.objects import AdjustableQuantity, LineItem, Price, Product
from checkout.sandbox.parameters import absent, under
from checkout.sandbox.session_parameters import LineParams, PriceParams, ProductParams, SessionCreate


def lines(call: Call, params: SessionCreate) -> list[LineItem]:
    """Every line priced and kept with its product; one currency for all of them."""
    given = params.line_items or []
    if not given:
        raise absent("line_items")
    priced = [_line(call, line, f"line_items[{place}]") for place, line in enumerate(given)]
    wanted = params.currency or priced[0].currency
    for place, line in enumerate(priced):
        if line.currency != wanted:
            raise parameter(
                f"All line items must have the same currency: found {line.currency} beside {wanted}.",
                f"line_items[{place}][price_data][currency]",
            )
    return priced


def check_total(amount: int, currency: str) -> None:
    """Stripe charges nothing between zero and the currency's minimum, and nothing above eight digits."""
    if 0 < amount < currencies.minimum(currency):
        least = currencies.display(currencies.minimum(currency), currency)
        raise parameter(
            f"The Checkout Session's total amount due must add up to at least {least} {currency}",
            "line_items",
            "amount_too_small",
        )
    if amount > currencies.MAXIMUM:
        most = currencies.display(currencies.MAXIMUM, currency)
        raise parameter(
            f"The Checkout Session's total amount due must be no more than {most} {currency}",
            "line_items",
            "amount_too_large",
        )


def check_step(amount: int, currency: str, path: str) -> None:
    """Some currencies take only round amounts."""
    step = currencies.step(currency)
    if amount % step:
        raise parameter(f"Invalid integer: amounts in {currency} must be a multiple of {step}.", path)


def _line(call: Call, params: LineParams, path: str) -> LineItem:
    price, name = _price(call, params, path)
    if params.quantity is None:
        raise absent(f"{path}[quantity]")
    if params.quantity < 1:
        raise parameter(
            "This value must be greater than or equal to 1.", f"{path}[quantity]", "parameter_invalid_integer"
        )
    unit = Decimal(price.unit_amount_decimal)
    amount = int((unit * params.quantity).to_integral_value(ROUND_HALF_UP))
    check_step(amount, price.currency, f"{path}[price_data][unit_amount]")
    return LineItem(
        id=identifiers.new("li"),
        adjustable_quantity=_adjustable(params, path),
        amount_subtotal=amount,
        amount_total=amount,
        currency=price.currency,
        description=name,
        metadata=params.metadata or {},
        price=price,
        quantity=params.quantity,
    )


def _price(call: Call, params: LineParams, path: str) -> tuple[Price, str]:
    """The price that a line names or makes, and what its product is called."""
    if params.price is not None and params.price_data is not None:
        raise parameter("You may only specify one of these parameters: price, price_data.", path)
    if params.price is not None:
        price = records.find(call, "price", params.price, Price)
        if price is None:
            raise _no_such("price", params.price, f"{path}[price]")
        if not price.active:
            raise parameter("The price specified is inactive. This field only accepts active prices.", f"{path}[price]")
        return price, records.get(call, "product", price.product, Product).name
    if params.price_data is None:
        raise parameter("You must specify one of `price` or `price_data`.", path, "parameter_missing")
    sold = product(call, params.price_data, f"{path}[price_data]")
    unit = unit_amount(params.price_data, f"{path}[price_data]")
    return new_price(call, params.price_data, unit, sold), sold.name


def _no_such(kind: str, identifier: str, param: str) -> StripeError:
    problem = missing(kind, identifier, param, status=400)
    problem.stored = False
    return problem


def unit_amount(params: PriceParams, path: str) -> Decimal:
    """The price of one piece, which must be given in exactly one way."""
    if (params.unit_amount is None) == (params.unit_amount_decimal is None):
        both = params.unit_amount is not None
        raise parameter(
            f"You must specify {'only' if both else 'exactly'} one of `unit_amount` or `unit_amount_decimal`.",
            under(path, "unit_amount"),
            None if both else "parameter_missing",
        )
    return Decimal(params.unit_amount if params.unit_amount is not None else str(params.unit_amount_decimal))


def product(call: Call, params: PriceParams, path: str) -> Product:
    """The product that a price names or makes."""
    if params.product is not None and params.product_data is not None:
        raise parameter("You may only specify one of these parameters: product, product_data.", path or "product")
    if params.product is not None:
        known = records.find(call, "product", params.product, Product)
        if known is None:
            raise _no_such("product", params.product, under(path, "product"))
        return known
    if params.product_data is None:
        raise parameter("You must specify one of `product` or `product_data`.", path or "product", "parameter_missing")
    made = new_product(call, params.product_data)
    records.add(call, "product", made.id, made)
    return made


def new_product(call: Call, data: ProductParams) -> Product:
    """A product, not kept yet."""
    return Product(
        id=identifiers.new("prod"),
        created=call.now,
        updated=call.now,
        name=data.name,
        description=data.description,
        images=data.images or [],
        metadata=data.metadata or {},
        tax_code=data.tax_code,
        unit_label=data.unit_label,
    )


def new_price(call: Call, params: PriceParams, unit: Decimal, product: Product) -> Price:
    """A price, not kept yet; one that is made with a session is not for sale elsewhere."""
    return Price(
        id=identifiers.new("price"),
        created=call.now,
        currency=params.currency,
        product=product.id,
        tax_behavior=params.tax_behavior or "unspecified",
        unit_amount=int(unit) if unit == unit.to_integral_value() else None,
        unit_amount_decimal=f"{unit.normalize():f}",
    )


def _adjustable(params: LineParams, path: str) -> AdjustableQuantity | None:
    chosen = params.adjustable_quantity
    if chosen is None:
        return None
    if not chosen.enabled:
        return AdjustableQuantity(enabled=False)
    low, high = chosen.minimum or 0, chosen.maximum or 99
    if not low <= (params.quantity or 0) <= high:
        raise parameter(
            f"The quantity must be between the adjustable minimum {low} and maximum {high}.", f"{path}[quantity]"
        )
    return AdjustableQuantity(enabled=True, minimum=low, maximum=high)
