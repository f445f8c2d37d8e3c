"""HEIC, the format of iPhones: read where the extra `heic` is installed, refused with the way to enable it elsewhere.

The decoder is LGPL, so it is never a dependency (docs/decisions/0012). It is loaded with the first HEIC, in the child.
"""

from importlib.util import find_spec

from media.errors import HeicNotEnabled


def available() -> bool:
    """Whether the decoder is installed; it is not loaded for that."""
    return find_spec("pi_heif") is not None


def check() -> None:
    """Refuses HeicNotEnabled where the decoder is missing."""
    if not available():
        raise HeicNotEnabled(
            "This is HEIC. Send JPEG, or install the extra `heic` (the package pi-heif) on the server.",
            found="HEIC",
            extra="heic",
        )


def enable() -> None:
    """Let Pillow open HEIC in this process: no thumbnails, no depth maps, one thread."""
    check()
    import pi_heif  # type: ignore[import-untyped]  # It ships no types.

    pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
