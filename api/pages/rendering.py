"""From a view to an answer: the template, the strict policies of the page, and safe JSON inside HTML."""

import base64
import hashlib
from collections.abc import Hashable, Iterable, Mapping
from urllib.parse import urlsplit

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Response
from markupsafe import Markup, escape

from api.pages import static
from api.pages.remembered import Own, Pages, Parts
from api.pages.views import Frame
from core.settings import Settings

_TEMPLATES = static.FOLDER.parent / "templates"
STRIPE_PAGES = "https://checkout.stripe.com"
MEDIA_TYPE = "text/html"


def coded(text: str) -> Markup:
    """Plain text with its `backticks` as code; everything else is escaped."""
    parts = str(escape(text)).split("`")
    marked = [part if number % 2 == 0 else f"<code>{part}</code>" for number, part in enumerate(parts)]
    return Markup("".join(marked))  # noqa: S704  # Every part was escaped above.


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals["static"] = static.path
    environment.filters["coded"] = coded
    return environment


_jinja = _environment()
_remembered = Pages()


class Script(msgspec.Struct, frozen=True):
    """Our one script on a page, which works the same without it. `beacon` takes engaged time, or is empty."""

    src: str
    beacon: str = ""


def scripted(beacon: str = "") -> Script:
    """The script of pages that a tap leads to: the token leaves the address bar, and engaged time is told."""
    return Script(static.path("page.js"), beacon)


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """What one page may load and where its form may lead.

    `private` pages are kept by nobody and found by no search engine; others may be kept for `max_age` seconds.
    `script` is the only one that runs, and may talk to nobody but us.
    """

    pictures: tuple[str, ...] = ()
    form_targets: tuple[str, ...] = ()
    private: bool = True
    script: Script | None = None
    max_age: int = 0

    def headers(self, style: str) -> dict[str, str]:
        """The answer's headers; `style` is the one inline style sheet of the page, allowed by its hash."""
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        rules = (
            "default-src 'none'",
            " ".join(("img-src 'self'", *self.pictures)),
            f"style-src 'self' 'sha256-{digest}'",
            "font-src 'self'",
            *(("script-src 'self'", "connect-src 'self'") if self.script else ()),
            " ".join(("form-action", *(self.form_targets or ("'none'",)))),
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
        kept = self.max_age and not self.private
        found = {
            "content-security-policy": "; ".join(rules),
            "x-frame-options": "DENY",
            "cross-origin-opener-policy": "same-origin",
            "permissions-policy": "camera=(), geolocation=(), microphone=()",
            "cache-control": f"public, max-age={self.max_age}" if kept else "private, no-store",
        }
        if self.private:
            found["x-robots-tag"] = "noindex, nofollow"
        return found


def page(template: str, frame: Frame, view: object, style: str = "", script: Script | None = None) -> bytes:
    """The page's bytes. `style` is its one inline style sheet; it holds no sign that HTML would escape."""
    return _text(template, frame, view, style, script).encode()


def _text(template: str, frame: Frame, view: object, style: str, script: Script | None) -> str:
    return _jinja.get_template(template).render(view=view, frame=frame, t=frame.messages, style=style, script=script)


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A whole answer but for what is one visitor's own: marks stand there (`remembered`)."""

    parts: Parts
    status: int
    headers: Mapping[str, str]

    def answer(self, own: Own) -> Response[bytes]:
        """The answer for one visitor."""
        content = own.filled(self.parts)
        return Response(content, status_code=self.status, media_type=MEDIA_TYPE, headers=self.headers)


def answer(
    template: str,
    frame: Frame,
    view: object,
    policy: Policy,
    *,
    status: int = 200,
    style: str = "",
    headers: Mapping[str, str] | None = None,
) -> Response[bytes]:
    """The whole answer. `style` is CSS of our own making, and is added to the shop's colours."""
    style = frame.brand.style() + style
    content = page(template, frame, view, style, policy.script)
    fields = {**_headers(policy, frame, style), **(headers or {})}
    return Response(content, status_code=status, media_type=MEDIA_TYPE, headers=fields)


def shared(template: str, frame: Frame, view: Hashable, policy: Policy, *, status: int = 200, style: str = "") -> Page:
    """The same for whoever asks alike: the view and the frame hold marks for a visitor's own texts, and none of them.

    What was rendered of the same facts is not rendered again.
    """
    style = frame.brand.style() + style
    facts = (template, frame, view, style, policy.script)
    parts = _remembered.page(facts, lambda: _text(template, frame, view, style, policy.script))
    return Page(parts=parts, status=status, headers=_headers(policy, frame, style))


def _headers(policy: Policy, frame: Frame, style: str) -> dict[str, str]:
    return {**policy.headers(style), "content-language": frame.messages.language, "vary": "Accept-Language"}


def raw_headers(policy: Policy, frame: Frame, style: str) -> tuple[tuple[bytes, bytes], ...]:
    """The headers of a page that is answered outside of the framework."""
    fields = {
        "content-type": f"{MEDIA_TYPE}; charset=utf-8",
        "content-language": frame.messages.language,
        **policy.headers(style),
    }
    return tuple((name.encode(), value.encode()) for name, value in fields.items())


def origins(urls: Iterable[str]) -> tuple[str, ...]:
    """Where these addresses point, as a content security policy names it."""
    parts = [urlsplit(url) for url in urls]
    return tuple(sorted({f"{each.scheme}://{each.netloc}" for each in parts if each.netloc}))


def payment_origins(settings: Settings) -> tuple[str, ...]:
    """Where a buyer may be sent to pay: Stripe's page, or the local Stripe's where that is what we talk to."""
    return origins([settings.stripe_api_base]) if settings.local_stripe else (STRIPE_PAGES,)


def json_in_html(value: object) -> Markup:
    """JSON that stays JSON inside a script element, whatever its texts hold."""
    text = msgspec.json.encode(value).decode()
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704  # Nothing that HTML reads is left in it; inside a script element it stays as it is.
