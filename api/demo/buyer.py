"""What a person does who taps a link in a network's app, and what programs do that only look at it.

No script runs here: pages are read as a browser with JavaScript switched off reads them, form by form.
"""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx2

from api.running.failure import Failure

_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
# What each network's in-app browser says of itself, and where it says it comes from (seen in 2026).
IN_APP = {
    "instagram": {
        "User-Agent": f"{_IPHONE} Mobile/22G86 Instagram 389.0.0.32.82 (iPhone14,5; iOS 18_6; fr_FR; fr; scale=3.00; "
        "1170x2532; 764210853; IABMV/1)",
        "Referer": "https://l.instagram.com/",
    },
    "pinterest": {
        "User-Agent": f"{_IPHONE} Mobile/22G86 [Pinterest/iOS]",
        "Referer": "https://www.pinterest.com/",
    },
}
BOTS = (
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Mozilla/5.0 (compatible; Pinterestbot/1.0; +http://www.pinterest.com/bot.html)",
)
CARD = "4242 4242 4242 4242"


class Stuck(Failure):
    """A page did not lead on."""


@dataclass
class Form:
    """A form as it stands on the page, filled in with what the page suggests."""

    action: str = ""
    method: str = "get"
    fields: dict[str, str] = field(default_factory=dict)


class Forms(HTMLParser):
    """Reads the forms of a page: what is hidden, chosen or typed already, and the first choice where none is."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._select: str | None = None
        self._options: list[tuple[str, bool]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One element."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(given.get("action", ""), given.get("method", "get").lower()))
        elif self.found and "disabled" not in given:
            if tag == "select":
                self._select, self._options = given.get("name", ""), []
            elif tag == "option" and self._select is not None:
                self._options.append((given.get("value", ""), "selected" in given))
            elif tag == "input":
                self._input(given)

    def handle_data(self, data: str) -> None:
        """The value of an option that has no other."""
        if self._select is not None and self._options and self._options[-1][0] == "":
            self._options[-1] = (data.strip(), self._options[-1][1])

    def handle_endtag(self, tag: str) -> None:
        """The end of a choice."""
        if tag == "select" and self._select is not None:
            chosen = [value for value, selected in self._options if selected] or [v for v, _ in self._options]
            if self._select and chosen:
                self.found[-1].fields[self._select] = chosen[0]
            self._select = None

    def _input(self, given: dict[str, str]) -> None:
        fields, name, kind = self.found[-1].fields, given.get("name", ""), given.get("type", "text")
        if not name or kind in ("submit", "button", "image"):
            return
        if kind in ("radio", "checkbox"):
            # Radios: the checked one, else the first. Checkboxes: only what is checked.
            if "checked" in given or (kind == "radio" and name not in fields):
                fields[name] = given.get("value", "on")
            return
        fields[name] = given.get("value", "")


class Buyer:
    """One person with a phone, on one network."""

    def __init__(self, network: str, name: str) -> None:
        self._name = name
        self._client = httpx2.AsyncClient(
            headers={
                **IN_APP[network],
                "Accept": "text/html,application/xhtml+xml",
                "Accept-Language": "fr-FR,fr;q=0.9",
            },
            timeout=30,
            trust_env=False,
        )

    async def __aenter__(self) -> "Buyer":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def buy(self, link: str) -> str:
        """Tap the link, look, press Buy, pay with a card, and come back; the address of the order's page."""
        landing = await self._arrive(await self._client.get(link))
        checkout = await self._submit(landing, self._form(landing, "page"))
        payment = self._form(checkout, "card")
        payment.fields |= {
            "email": "ada@example.com",
            "name": self._name,
            "card": CARD,
            "expiry": "12/34",
            "cvc": "123",
        }
        receipt = await self._submit(checkout, payment)
        return str(receipt.url)

    def _form(self, page: httpx2.Response, holding: str) -> Form:
        """The form of this page that has a field of this name."""
        for form in Forms(page.text).found:
            if holding in form.fields:
                return form
        raise Stuck(f"{page.url} ({page.status_code}) has no form with {holding!r}.")

    async def _submit(self, page: httpx2.Response, form: Form) -> httpx2.Response:
        target = urljoin(str(page.url), form.action) if form.action else str(page.url)
        headers = {"Referer": str(page.url), "Origin": f"{page.url.scheme}://{page.url.netloc.decode()}"}
        return await self._arrive(await self._client.post(target, data=form.fields, headers=headers))

    async def _arrive(self, answer: httpx2.Response) -> httpx2.Response:
        """Follow redirects to a page."""
        for _ in range(6):
            if answer.status_code not in (302, 303):
                break
            answer = await self._client.get(urljoin(str(answer.url), answer.headers["location"]))
        if answer.status_code != 200:
            raise Stuck(f"{answer.request.method} {answer.url} answers {answer.status_code}: {_words(answer.text)}")
        return answer


async def look(link: str) -> None:
    """What happens to every link that is shared: programs look at it. None of this is a tap."""
    async with httpx2.AsyncClient(timeout=30, trust_env=False) as client:
        for bot in BOTS:
            await client.get(link, headers={"User-Agent": bot})
        await client.head(link, headers=IN_APP["instagram"])
        await client.get(link, headers={**IN_APP["instagram"], "Sec-Purpose": "prefetch"})


class _Text(HTMLParser):
    """What a page says, without its markup."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.feed(page.partition("</style>")[2] or page)

    def handle_data(self, data: str) -> None:
        """One run of text."""
        self.words += data.split()


def _words(page: str) -> str:
    return " ".join(_Text(page).words)[:300]
