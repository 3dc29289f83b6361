"""The documents of the browser's tests: a harbour in five languages, and hostile ones."""

RIGHT_TO_LEFT = "\u202e"
OWNED = "<img src=x onerror=\"document.title='owned'\">"
SCRIPT = "<script>document.title='owned'</script>"
LEAK = "http://leak.invalid"

QUESTION = "How long is the quay of Port Quillan?"
QUAY = "The quay of Port Quillan is 380 metres long."
COST = "The quay cost 4.2 million crowns."
HARBOUR = f"""\
{QUAY} It has twelve berths for fishing boats and two for ferries.

{COST} Jonas Vell, who heads the works, presented the figures on 10 March 2025.
"""
FERRY = "Ada Brink commands the ferry from Port Quillan to Saint-Hilaire."
WHO = "Who commands the ferry from Port Quillan?"

HOSTILE = f"""\
The lighthouse of Port Quillan is kept by {OWNED} Marta Elling and \
${{document.title='owned'}} six cats, ${{7*7}} and {{{{7*7}}}} in all. {SCRIPT} \
<style>body{{background:url({LEAK}/a)}}</style>

The lamp of the lighthouse <iframe src="{LEAK}/b"></iframe> burns oil{RIGHT_TO_LEFT}. \
</mark></div><img src="{LEAK}/c">

The stairs of the lighthouse ![x]({LEAK}/d) have 199 steps, [wrote](javascript:alert`1`) \
**Jonas** <{LEAK}/f> of www.leak.invalid.
"""
LIGHTHOUSE = "Who keeps the lighthouse of Port Quillan?"
HOSTILE_TITLE = f"Lighthouse {OWNED} ${{7*7}} {{{{7*7}}}} {RIGHT_TO_LEFT}txet"
HOSTILE_PUBLISHER = f"Quillan </span>{SCRIPT} ${{7*7}}"


def article(title: str, body: str, lang: str, date: str, publisher: str) -> bytes:
    """A document as a file of the corpus has it."""
    from rag.documents.front_matter import written

    front = {"title": title, "publisher": publisher, "date": date, "lang": lang}
    return written(front, body).encode()


DOCUMENTS = {
    "harbour.md": article(
        "A new quay for Port Quillan", HARBOUR, "en", "2025-03-10", "Harbour News"
    ),
    "ferry.md": article(
        "The ferry of Saint-Hilaire",
        f"{FERRY} The crossing takes forty minutes.",
        "en",
        "2024-06-01",
        "Evening Post",
    ),
    "quai.md": article(
        "Un nouveau quai à Port Quillan",
        "Le quai de Port Quillan mesure 380 mètres. Il a coûté 4,2 millions de couronnes.",
        "fr",
        "2025-03-11",
        "Le Courrier",
    ),
    "prichal.md": article(
        "Новый причал в Порт-Квиллане",
        "Длина причала Порт-Квиллана составляет 380 метров. Его построили за два года.",
        "ru",
        "2025-03-12",
        "Курсив",
    ),
    "korpu.md": article(
        "Kvillan limanında yeni körpü",
        "Kvillan limanının körpüsünün uzunluğu 380 metrdir. O, iki ilə tikilib.",
        "az",
        "2025-03-13",
        "Sahil",
    ),
    "rihtim.md": article(
        "Quillan Limanı’nda yeni rıhtım",
        "Quillan Limanı’nın rıhtımı 380 metre uzunluğundadır. İki yılda yapıldı.",
        "tr",
        "2025-03-14",
        "Kıyı",
    ),
    "hostile.md": article(HOSTILE_TITLE, HOSTILE, "en", "2025-01-01", HOSTILE_PUBLISHER),
}
