"""What this room refuses, and why."""

from core.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge, TooManyRequests, Unavailable


class ImageRefused(Invalid):
    """This picture cannot be used."""

    slug = "image-refused"


class ImageUnreadable(ImageRefused):
    """The picture is damaged or takes too much to decode."""

    slug = "image-unreadable"


class ImageTypeUnsupported(ImageRefused):
    """Pictures are JPEG, PNG, WebP, GIF, AVIF or, where it is enabled, HEIC."""

    slug = "image-type-unsupported"


class HeicNotEnabled(ImageTypeUnsupported):
    """This server does not read HEIC."""

    slug = "image-heic-not-enabled"


class ImageTooLarge(ImageRefused):
    """The file is larger than allowed."""

    slug = "image-too-large"


class ImageTooManyPixels(ImageRefused):
    """The picture has more pixels than allowed."""

    slug = "image-too-many-pixels"


class ImageTooSmall(ImageRefused):
    """The picture is too small to make anything of it."""

    slug = "image-too-small"


class ImageNotFetched(Invalid):
    """No picture came from this address.

    Whatever the reason, the answer is the same: nobody is to learn from it what there is behind an address.
    """

    slug = "image-not-fetched"


class PicturesBusy(TooManyRequests):
    """Too many pictures are waiting; try again a little later."""

    slug = "pictures-busy"


class PicturesUnavailable(Unavailable):
    """The picture could not be drawn just now."""

    slug = "pictures-unavailable"


class StorageUnavailable(Unavailable):
    """The picture storage does not answer."""

    slug = "storage-unavailable"


class StorageQuotaReached(TooLarge):
    """The shop's pictures fill all the room that they have."""

    slug = "storage-quota-reached"


class AssetNotFound(NotFound):
    """There is no such asset."""

    slug = "asset-not-found"


class UnknownAsset(Invalid):
    """There is no such asset to make anything of."""

    slug = "unknown-asset"


class AssetArchived(Invalid):
    """This asset was archived."""

    slug = "asset-archived"


class VisualNotFound(NotFound):
    """There is no such visual."""

    slug = "visual-not-found"


class ObjectNotFound(NotFound):
    """There is no such picture."""

    slug = "picture-not-found"


class UploadNotFound(NotFound):
    """There is no such upload."""

    slug = "upload-not-found"


class UploadExpired(Conflict):
    """The time for this upload is over; begin a new one."""

    slug = "upload-expired"


class UploadIncomplete(Conflict):
    """The bytes of this upload have not arrived."""

    slug = "upload-incomplete"


class UploadMismatch(Invalid):
    """What was sent is not what was announced."""

    slug = "upload-mismatch"


class UploadRefused(Forbidden):
    """This signature does not allow this upload."""

    slug = "upload-refused"


class TooManyUploads(TooManyRequests):
    """Too many uploads are open; complete some, or wait until they expire."""

    slug = "too-many-uploads"


class UnknownFormat(Invalid):
    """There is no such format."""

    slug = "unknown-format"


class FormatNotFound(NotFound):
    """There is no such format."""

    slug = "format-not-found"


class FormatSlugTaken(Conflict):
    """Another format of this shop has this slug."""

    slug = "format-slug-taken"


class FormatSlugReserved(Invalid):
    """This slug is the name of a built-in format."""

    slug = "format-slug-reserved"


class TooManyFormats(Invalid):
    """A shop has a limited number of formats of its own."""

    slug = "too-many-formats"


class BadFormat(Invalid):
    """Nothing can be laid out on this canvas."""

    slug = "bad-format"


class OutputNotTaken(Invalid):
    """The networks of this format do not take this type of file."""

    slug = "output-not-taken"


class UnknownTemplate(Invalid):
    """There is no such template."""

    slug = "unknown-template"


class TemplateNotFound(NotFound):
    """There is no such template."""

    slug = "template-not-found"


class TemplateArchived(Invalid):
    """This template was archived."""

    slug = "template-archived"


class TemplateSlugTaken(Conflict):
    """Another template of this shop has this slug."""

    slug = "template-slug-taken"


class TemplateSlugReserved(Invalid):
    """This slug is the name of a built-in template."""

    slug = "template-slug-reserved"


class TooManyTemplates(Invalid):
    """A shop has a limited number of templates of its own."""

    slug = "too-many-templates"


class TooManyLayers(Invalid):
    """A design with so many layers would take longer to lay out than a picture may."""

    slug = "too-many-layers"


class TooMuchToDraw(Invalid):
    """These are more pictures, or larger ones, than one request may ask for."""

    slug = "too-much-to-draw"


class NothingToDraw(Invalid):
    """This look has a page for each item or fact, and there is none."""

    slug = "nothing-to-draw"


class FontRefused(Invalid):
    """This font cannot be used."""

    slug = "font-refused"


class FontNotFound(NotFound):
    """There is no such font."""

    slug = "font-not-found"


class UnknownFont(Invalid):
    """There is no such font to draw with."""

    slug = "unknown-font"


class FontArchived(Invalid):
    """This font was archived."""

    slug = "font-archived"


class TooManyFonts(Invalid):
    """A shop has a limited number of fonts."""

    slug = "too-many-fonts"


class FontTypeUnsupported(FontRefused):
    """Fonts are TrueType, OpenType, WOFF or WOFF2 with outlines, one font in a file."""

    slug = "font-type-unsupported"


class FontTooLarge(FontRefused):
    """The font is larger than allowed."""

    slug = "font-too-large"


class FontUnreadable(FontRefused):
    """The font is damaged or takes too much to draw with."""

    slug = "font-unreadable"


# The refusals that a child process may answer with, by slug: only the slug and the facts cross the pipe.
IMAGE_REFUSALS: dict[str, type[ImageRefused]] = {
    each.slug: each
    for each in (
        ImageUnreadable,
        ImageTypeUnsupported,
        HeicNotEnabled,
        ImageTooLarge,
        ImageTooManyPixels,
        ImageTooSmall,
    )
}

FONT_REFUSALS: dict[str, type[FontRefused]] = {
    each.slug: each for each in (FontTypeUnsupported, FontTooLarge, FontUnreadable)
}
