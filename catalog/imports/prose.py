"""Descriptions as plain text."""

import html
import re

import nh3

from core.wire import clean

_BREAKS = re.compile(
    r"<\s*(?:br|hr|/\s*(?:p|div|li|ul|ol|tr|h[1-6]|blockquote|table|section))\b[^>]{0,500}>", re.IGNORECASE
)
_BLANK_LINES = re.compile(r"\n\s*\n\s*")


def plain(markup: str) -> str:
    """The words of an HTML fragment, a line for each paragraph; scripts and styles are gone with what they hold.

    Text that is no HTML comes back as it is.
    """
    if "<" not in markup and "&" not in markup:
        return _tidy(markup)
    return _tidy(html.unescape(nh3.clean(_BREAKS.sub("\n", markup), tags=set(), attributes={})))


def _tidy(text: str) -> str:
    lines = "\n".join(" ".join(line.split()) for line in text.replace("\xa0", " ").splitlines())
    lines = "".join(sign for sign in lines if sign == "\n" or sign.isprintable() or sign == "\u200d")
    return clean(_BLANK_LINES.sub("\n\n", lines).strip())
