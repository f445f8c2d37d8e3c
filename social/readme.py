"""The README of a kit: what to do with its files, in the languages of our sentences."""

from collections.abc import Mapping

from social.network import Placement

# language → what is said about each file; `{place}` is the network's placement.
_TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "head": "Kit of a post for: {place}",
        "pictures": "pictures/: the pictures, in the order of their numbers. Upload them as they are.",
        "title": "title.txt: the title.",
        "caption": "caption.txt: the text with its hashtags. Copy it whole.",
        "alt": "alt-texts/: what each picture shows, for people who cannot see it. Same numbers as the pictures.",
        "texts": "texts/: the title, text and link of each picture. Same numbers as the pictures.",
        "tags": "tags.json: the point of each product on each picture, 0..1 from the left and top, and in pixels.",
        "links": "links.txt: the link of each product. {where}",
        "kit": "kit.json: all of this for programs, with the calls of the network's API.",
        "bio": "Put it into the bio: links in the text cannot be tapped.",
        "sticker": "Put it into a link sticker by hand.",
        "pin": "It is the destination of the pin.",
        "in_caption": "It stands in the text.",
    },
    "fr": {
        "head": "Kit d’une publication pour : {place}",
        "pictures": "pictures/ : les images, dans l’ordre de leurs numéros. Publiez-les telles quelles.",
        "title": "title.txt : le titre.",
        "caption": "caption.txt : le texte avec ses hashtags. Copiez-le en entier.",
        "alt": "alt-texts/ : ce que montre chaque image, pour qui ne la voit pas. Mêmes numéros que les images.",
        "texts": "texts/ : le titre, le texte et le lien de chaque image. Mêmes numéros que les images.",
        "tags": "tags.json : le point de chaque produit par image, de 0 à 1 depuis le coin haut gauche, et en pixels.",
        "links": "links.txt : le lien de chaque produit. {where}",
        "kit": "kit.json : tout cela pour les programmes, avec les appels à l’API du réseau.",
        "bio": "Mettez-le dans la bio : les liens du texte ne sont pas cliquables.",
        "sticker": "Mettez-le à la main dans un sticker lien.",
        "pin": "C’est la destination de l’épingle.",
        "in_caption": "Il figure dans le texte.",
    },
    "de": {
        "head": "Kit eines Beitrags für: {place}",
        "pictures": "pictures/: die Bilder, in der Reihenfolge ihrer Nummern. Unverändert hochladen.",
        "title": "title.txt: der Titel.",
        "caption": "caption.txt: der Text mit seinen Hashtags. Ganz kopieren.",
        "alt": "alt-texts/: was jedes Bild zeigt, für alle, die es nicht sehen. Gleiche Nummern wie die Bilder.",
        "texts": "texts/: Titel, Text und Link jedes Bildes. Gleiche Nummern wie die Bilder.",
        "tags": "tags.json: der Punkt jedes Produkts auf jedem Bild, 0..1 von links und oben, und in Pixeln.",
        "links": "links.txt: der Link jedes Produkts. {where}",
        "kit": "kit.json: all das für Programme, mit den Aufrufen der API des Netzwerks.",
        "bio": "Er gehört in die Bio: Links im Text lassen sich nicht antippen.",
        "sticker": "Von Hand in einen Link-Sticker setzen.",
        "pin": "Er ist das Ziel des Pins.",
        "in_caption": "Er steht im Text.",
    },
    "es": {
        "head": "Kit de una publicación para: {place}",
        "pictures": "pictures/: las imágenes, en el orden de sus números. Súbelas tal cual.",
        "title": "title.txt: el título.",
        "caption": "caption.txt: el texto con sus hashtags. Cópialo entero.",
        "alt": "alt-texts/: lo que muestra cada imagen, para quien no la ve. Los mismos números que las imágenes.",
        "texts": "texts/: el título, el texto y el enlace de cada imagen. Los mismos números que las imágenes.",
        "tags": "tags.json: el punto de cada producto por imagen, de 0 a 1 desde arriba a la izquierda, y en píxeles.",
        "links": "links.txt: el enlace de cada producto. {where}",
        "kit": "kit.json: todo ello para programas, con las llamadas a la API de la red.",
        "bio": "Ponlo en la bio: los enlaces del texto no se pueden tocar.",
        "sticker": "Ponlo a mano en un sticker de enlace.",
        "pin": "Es el destino del pin.",
        "in_caption": "Está en el texto.",
    },
    "it": {
        "head": "Kit di un post per: {place}",
        "pictures": "pictures/: le immagini, nell’ordine dei loro numeri. Caricale così come sono.",
        "title": "title.txt: il titolo.",
        "caption": "caption.txt: il testo con i suoi hashtag. Copialo per intero.",
        "alt": "alt-texts/: che cosa mostra ogni immagine, per chi non la vede. Stessi numeri delle immagini.",
        "texts": "texts/: titolo, testo e link di ogni immagine. Stessi numeri delle immagini.",
        "tags": "tags.json: il punto di ogni prodotto su ogni immagine, da 0 a 1 da sinistra e dall’alto, e in pixel.",
        "links": "links.txt: il link di ogni prodotto. {where}",
        "kit": "kit.json: tutto questo per i programmi, con le chiamate all’API della rete.",
        "bio": "Va nella bio: i link nel testo non si possono toccare.",
        "sticker": "Mettilo a mano in uno sticker link.",
        "pin": "È la destinazione del pin.",
        "in_caption": "È nel testo.",
    },
}
LANGUAGES = tuple(_TEXTS)


def write(placement: Placement, parts: frozenset[str], language: str) -> str:
    """The README of a kit that holds these parts: `title`, `caption`, `alt`, `texts`, `tags` where it has them."""
    said = _TEXTS[language]
    where = said["in_caption" if placement.link.where == "caption" else placement.link.where]
    always = {"pictures", "links", "kit"}
    lines = [text for name, text in said.items() if name in parts | always]
    body = "\n".join(f"- {line}" for line in lines).replace("{where}", where)
    return f"{said['head'].format(place=placement.name)}\n\n{body}\n"
