"""What may be the matter with webhooks."""

from core.errors import Conflict, Invalid, NotFound


class WebhookEndpointNotFound(NotFound):
    """There is no such webhook endpoint."""

    slug = "webhook-endpoint-not-found"


class WebhookDeliveryNotFound(NotFound):
    """There is no such webhook delivery."""

    slug = "webhook-delivery-not-found"


class UnknownEventType(Invalid):
    """No event is called that."""

    slug = "unknown-event-type"


class TooManyWebhookEndpoints(Conflict):
    """The shop has as many webhook endpoints as it may have."""

    slug = "too-many-webhook-endpoints"


class WebhookEndpointDisabled(Conflict):
    """Nothing is sent to this webhook endpoint while it is disabled."""

    slug = "webhook-endpoint-disabled"


class WebhookDeliverySettled(Conflict):
    """This webhook delivery does not wait for anything."""

    slug = "webhook-delivery-settled"
