"""The API's routes, one module per resource."""

from litestar import Controller

from api.routes.shop import ShopController

ROUTES: tuple[type[Controller], ...] = (ShopController,)
