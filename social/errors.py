"""What this room refuses, and why."""

from core.errors import Conflict, Invalid, NotFound


class UnknownNetwork(Invalid):
    """There is no such network."""

    slug = "unknown-network"


class NetworkNotFound(NotFound):
    """There is no network at this address."""

    slug = "network-not-found"


class UnknownPlacement(Invalid):
    """This network has no such placement."""

    slug = "unknown-placement"


class FormatNotTaken(Invalid):
    """This placement does not take that format."""

    slug = "format-not-taken"


class PostNotFound(NotFound):
    """There is no such post."""

    slug = "post-not-found"


class PostArchived(Conflict):
    """This post was archived and is not changed any more."""

    slug = "post-archived"


class NothingToShow(Invalid):
    """A post shows at least one product."""

    slug = "nothing-to-show"


class PictureOrSlides(Invalid):
    """A post has one picture, or slides with a picture each."""

    slug = "picture-or-slides"


class TooManySlides(Invalid):
    """The network takes fewer pictures in one post than that."""

    slug = "too-many-slides"


class SlidesDiffer(Invalid):
    """Changed slides are as many as the post has, in its order."""

    slug = "slides-differ"


class TooManyProducts(Invalid):
    """A post shows fewer products than that."""

    slug = "too-many-products"


class TooManyTags(Invalid):
    """The network takes fewer product tags than that."""

    slug = "too-many-tags"


class DuplicateTag(Invalid):
    """The same product is named twice."""

    slug = "duplicate-tag"


class CaptionTooLong(Invalid):
    """The caption is longer than the network takes."""

    slug = "caption-too-long"


class TitleTooLong(Invalid):
    """The title is longer than the network takes."""

    slug = "title-too-long"


class AltTextTooLong(Invalid):
    """The alternative text is longer than the network takes."""

    slug = "alt-text-too-long"


class TextNotShown(Invalid):
    """This placement does not show such a text."""

    slug = "text-not-shown"


class TooManyMentions(Invalid):
    """The caption mentions more accounts than the network takes."""

    slug = "too-many-mentions"


class BadHashtag(Invalid):
    """A hashtag is letters, digits and underscores, and not only digits."""

    slug = "bad-hashtag"


class CreatorNotFound(NotFound):
    """There is no such creator."""

    slug = "creator-not-found"


class CreatorCodeTaken(Conflict):
    """This code is another creator's."""

    slug = "creator-code-taken"
