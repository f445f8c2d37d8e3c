"""What batches refuse."""

from core.errors import Conflict, Invalid, NotFound, TooManyRequests


class VisualBatchNotFound(NotFound):
    """There is no such batch."""

    slug = "visual-batch-not-found"


class ProductsOrCollection(Invalid):
    """A batch is of a collection, or of products that are named."""

    slug = "products-or-collection"


class EmptyBatch(Invalid):
    """There is no product in this batch."""

    slug = "empty-batch"


class BatchTooLarge(Invalid):
    """These are more pictures than one batch takes."""

    slug = "batch-too-large"


class TooManyBatches(TooManyRequests):
    """Other batches of this shop are still being drawn; try again when one has ended."""

    slug = "too-many-batches"


class BatchEnded(Conflict):
    """This batch has come to its end."""

    slug = "batch-ended"
