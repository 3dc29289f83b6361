"""The documents as their readers meet them: a real server, a real Chromium, files of all kinds."""

import asyncio
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from documents_page import app_over, served
from playwright.sync_api import Browser, Page, expect

from rag.embedding import Embedder
from rag.gazette import Gazette
from rag.index import vectors
from rag.model import ListedDocument
from rag.settings import load_settings

HOSTILE = """<img src=x onerror="document.title='owned'"> ${7*7}

The lamp of <script>document.title='owned'</script> Quillan burns {{7*7}} litres of oil.
"""
MOON = b"A base on the moon\n\nThe base of Xanadu has 17 domes, wrote Kubla. It was begun in 1797."


@pytest.fixture(autouse=True, scope="module")
def _probed_here() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rag.index.store.is_sound", vectors.finds)
        yield


@pytest.fixture(scope="module")
def library(
    tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, _settings_of_the_tests: None
) -> Iterator[Gazette]:
    """A folder of a few documents, synced; every test leaves it as it was."""
    base = tmp_path_factory.mktemp("library")
    (base / "press").mkdir()
    for name, title, day in (
        ("cables", "Élise et le câble", "2025-03-10"),
        ("rivers", 'On "rivers" & <b>bridges</b>', "2026-01-14"),
    ):
        front = f"title: {json.dumps(title)}\nlang: en\ndate: {day}\npublisher: <i>Daily</i>"
        body = f"The report on {name} was read in the morning. Its authors hold it to be short."
        (base / "press" / f"{name}.md").write_text(f"---\n{front}\n---\n\n{body}\n")
    (base / "press" / "hostile.txt").write_text(HOSTILE)
    with Gazette(load_settings(home=base / "data", answerer="extractive"), embedder) as gazette:
        gazette.sync([base / "press"])
        yield gazette


@pytest.fixture(autouse=True)
def _left_as_it_was(library: Gazette, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield
    monkeypatch.undo()
    found = library.library.find().documents
    if ours := [one.id for one in found if one.origin == "uploaded"]:
        library.library.delete(ours)
    if gone := [one.id for one in found if one.state == "deleted"]:
        library.library.restore(gone)


@pytest.fixture(scope="module")
def at(library: Gazette) -> Iterator[str]:
    with served(library) as address:
        yield address


@pytest.fixture
def client(at: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{at}/documents/", timeout=60) as client:
        yield client


@pytest.fixture
def page(chromium: Browser, at: str) -> Iterator[Page]:
    """The page, in English; nothing may be complained of or asked for elsewhere."""
    context = chromium.new_context(locale="en", reduced_motion="reduce")
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda said: complaints.append(said.text) if said.type == "error" else 0)
    opened.on("request", lambda r: complaints.append(r.url) if not r.url.startswith(at) else 0)
    opened.goto(at)
    opened.locator(".library-table table").wait_for()
    yield opened
    assert opened.title() == "Documents"
    assert [one for one in complaints if not one.startswith("data:")] == []
    context.close()


def find(library: Gazette, words: str) -> tuple[ListedDocument, ...]:
    return library.library.find(words).documents


def lines(answer: httpx.Response) -> list[dict[str, object]]:
    assert answer.status_code == 200
    return [json.loads(line) for line in answer.text.splitlines()]


def row(page: Page, words: str):
    return page.locator(".library-table tbody tr").filter(has_text=words)


# Over HTTP


def test_the_table_escapes_what_documents_say(client: httpx.Client):
    html = client.get("table").text
    assert 'data-count="Documents: 3"' in html
    assert "On &#34;rivers&#34; &amp; &lt;b&gt;bridges&lt;/b&gt;" in html
    assert "<b>" not in html and "<i>" not in html and "<img" not in html
    assert html.index("press/rivers.md") < html.index("press/cables.md")


def test_the_table_is_searched_whatever_the_accents(client: httpx.Client):
    html = client.get("table", params={"words": "elise CABLE"}).text
    assert "press/cables.md" in html and "press/rivers.md" not in html
    assert "No document matches." in client.get("table", params={"words": "elephant"}).text
    assert "No document matches." in client.get("table", params={"lang": "fr"}).text


def test_it_speaks_the_readers_language(client: httpx.Client):
    html = client.get("table", headers={"Accept-Language": "ru-RU"}).text
    assert "Документов: 3" in html and "В индексе" in html


def test_a_long_table_has_pages_of_fifty(library: Gazette, client, monkeypatch):
    made = [
        ListedDocument(f"x/{n}", f"Title {n}", "en", None, "", 1, "current", "folder")
        for n in range(120)
    ]

    def find_(self, words, langs, start, n):
        from rag.model import Shelf

        return Shelf(tuple(made[start : start + n]), len(made))

    monkeypatch.setattr("rag.library.Library.find", find_)
    html = client.get("table", params={"page": 2}).text
    assert "Page 2 of 3" in html
    assert html.count("<tr data-doc") == 50 and 'data-doc="x/50"' in html
    assert "Page 3 of 3" in client.get("table", params={"page": 99}).text


def test_an_upload_is_told_line_by_line_and_can_be_asked_for(library: Gazette, client):
    waiting, *embedded, end = lines(
        client.post("upload", params={"name": "../../moon.txt"}, content=MOON)
    )
    assert waiting == {"state": "waiting"}
    assert embedded == [{"done": 1, "total": 1}]
    known = {"id": "documents/moon.txt", "title": "A base on the moon", "passages": 1}
    assert end == {"ok": True, "document": known}
    assert library.search("How many domes has Xanadu?").hits[0].document.id == known["id"]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        (
            "bad.md",
            b"\x7fELF\0\1\2",
            "bad.md is not text, whatever its name: save it as plain text",
        ),
        ("a.pdf", MOON, "a.pdf is not of a type that is read: save it as one of .md"),
        ("../../x<img onerror>.txt", b"", "x-img onerror.txt is empty: choose another file"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(library: Gazette, client, name, data, message):
    end = lines(client.post("upload", params={"name": name}, content=data))[-1]
    assert not end["ok"]
    assert message in str(end["message"])
    assert len(find(library, "")) == 3


def test_a_refusal_speaks_the_readers_language(client):
    french = {"Accept-Language": "fr"}
    answer = client.post("upload", params={"name": "a.pdf"}, content=MOON, headers=french)
    assert lines(answer)[-1] == {
        "ok": False,
        "message": "a.pdf n’est pas d’un type lisible : enregistrez-le en .md, .markdown, .txt, "
        ".html, .htm.",
    }
    gone = client.post("delete", json={"ids": ["press/none.md"]}, headers=french)
    assert "« press/none.md » n’est plus parmi les documents" in gone.json()["message"]


def test_a_file_that_is_gone_is_told_when_it_is_read_again(library: Gazette, client):
    file = next(o.file for o in library._opened().catalog.listed() if o.id == "press/cables.md")
    before = file.read_bytes()
    file.unlink()
    answer = client.post(
        "reread", json={"ids": ["press/cables.md"]}, headers={"Accept-Language": "fr"}
    )
    file.write_bytes(before)
    message = "Le fichier cables.md n’est plus là : remettez-le, ou supprimez le document."
    assert answer.json() == {"ok": False, "message": message}


def test_an_error_nobody_expected_is_told_without_a_traceback(client, monkeypatch, caplog):
    def fail(*_):
        raise ValueError("secret")

    monkeypatch.setattr("rag.library.Library.add", fail)
    end = lines(client.post("upload", params={"name": "x.md"}, content=MOON))[-1]
    assert not end["ok"]
    assert str(end["message"]).startswith("Internal error (ValueError): the terminal")
    assert "secret" in caplog.text


def test_an_upload_that_is_too_big_is_refused(client, monkeypatch):
    monkeypatch.setattr("rag.library.Library.max_bytes", 2_000_000)
    pieces = (b"x" * 100_000 for _ in range(40))  # its length is not declared
    for body in (b"x" * 2_000_001, pieces):
        answer = client.post("upload", params={"name": "x.txt"}, content=body)
        assert answer.status_code == 413
        assert answer.json() == {"detail": "over 2 MB, split it"}


def test_of_a_body_without_end_no_more_is_taken_in_than_may_come(library: Gazette):
    taken, answered = [], []

    async def receive():
        taken.append(1_000_000)
        return {"type": "http.request", "body": b"x" * 1_000_000, "more_body": True}

    async def send(message):
        answered.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/documents/upload",
        "query_string": b"name=x.txt",
        "headers": [],
    }
    asyncio.run(app_over(library)(scope, receive, send))
    assert answered[0]["status"] == 413
    assert sum(taken) <= library.library.max_bytes + 2_000_000


def test_a_pasted_text_becomes_a_document(library: Gazette, client):
    sent = {"title": 'A "b": c', "text": "The harbour is deep.", "date": "2026-02-03"}
    end = lines(client.post("paste", json={**sent, "publisher": "Notes"}))[-1]
    assert end["ok"]
    (found,) = find(library, '"b": c')
    assert (found.title, str(found.date), found.publisher) == ('A "b": c', "2026-02-03", "Notes")
    wrong = client.post("paste", json={**sent, "date": "soon"})
    assert (wrong.status_code, wrong.json()["detail"]) == (422, "write the date as 2025-12-18")


def test_uploads_at_once_all_arrive(library: Gazette, at: str):
    ends: list[object] = []

    def send(number: int) -> None:
        body = MOON + str(number).encode()
        answer = httpx.post(
            f"{at}/documents/upload", params={"name": "moon.txt"}, content=body, timeout=60
        )
        ends.append(lines(answer)[-1]["ok"])

    threads = [threading.Thread(target=send, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ends == [True] * 4
    assert len(find(library, "moon")) == 4


def test_documents_are_deleted_and_restored(library: Gazette, client):
    ids = {"ids": ["press/cables.md"]}
    assert client.post("delete", json=ids).json() == {"ok": True, "message": ""}
    assert find(library, "cables")[0].state == "deleted"
    assert client.post("delete", json=ids).status_code == 404
    assert client.post("restore", json=ids).json()["ok"]
    assert find(library, "cables")[0].state == "current"
    none = client.post("reread", json={"ids": ["press/none.md"]})
    assert (none.status_code, none.json()["ok"]) == (404, False)
    assert "“press/none.md” is no longer among the documents" in none.json()["message"]


def test_a_reader_sees_everything_and_changes_nothing(library: Gazette, client):
    client.cookies.set("role", "reader")
    assert 'data-act="delete"' not in client.get("table").text
    panel = client.get("panel").text
    assert 'type="file"' not in panel and "<dialog" not in panel
    for path, sent in (
        ("upload?name=x.txt", {"content": MOON}),
        ("paste", {"json": {"title": "x", "text": "y"}}),
        ("delete", {"json": {"ids": ["press/cables.md"]}}),
        ("restore", {"json": {"ids": ["press/cables.md"]}}),
        ("reread", {"json": {"ids": ["press/cables.md"]}}),
    ):
        answer = client.post(path, **sent)
        assert (answer.status_code, answer.json()) == (
            403,
            {"detail": "Only editors may change the documents."},
        )
    assert len(find(library, "")) == 3


# In the browser


def test_files_are_uploaded_each_with_its_own_end(page: Page, library: Gazette, tmp_path: Path):
    hostile = tmp_path / "<img src=x onerror=alert(1)>.txt"
    hostile.write_bytes(MOON)
    bad, big = tmp_path / "bad.md", tmp_path / "big.txt"
    bad.write_bytes(b"\x7fELF\0\1\2")
    big.write_bytes(b"x" * 20_000_001)
    page.set_input_files("input[type=file]", [bad, big, hostile])
    rows = page.locator(".library-file")
    expect(rows.nth(2)).to_contain_text("Added: “A base on the moon”", timeout=30_000)
    expect(rows.nth(0)).to_contain_text("Not added: bad.md is not text")
    expect(rows.nth(1)).to_contain_text("Not added: over 20 MB, split it")
    expect(rows.nth(2)).to_contain_text("<img src=x onerror=alert(1)>.txt")
    expect(rows.nth(2)).to_contain_text("(kept as img src-x onerror-alert(1).txt)")
    expect(page.locator(".library-count")).to_have_text("Documents: 4")
    expect(row(page, "A base on the moon")).to_contain_text("added here")
    assert library.search("How many domes has Xanadu?").hits[0].document.title.startswith("A base")


def test_a_name_that_runs_backwards_is_shown_as_what_it_is(page: Page, tmp_path: Path):
    file = tmp_path / "moon\u202etxt.exe"
    file.write_bytes(b"MZ")
    page.set_input_files("input[type=file]", file)
    shown = page.locator(".library-file")
    expect(shown).to_contain_text("moon[U+202E]txt.exe")
    expect(shown).to_contain_text("Not added")
    assert "\u202e" not in (shown.text_content() or "")


def test_a_file_that_waits_can_be_cancelled(page: Page, library: Gazette, tmp_path: Path):
    files = [tmp_path / "one.txt", tmp_path / "two.txt"]
    for number, file in enumerate(files):
        file.write_bytes(MOON + str(number).encode())
    with library._changes:
        page.set_input_files("input[type=file]", files)
        rows = page.locator(".library-file")
        expect(rows.nth(0)).to_contain_text("Received, waiting its turn")
        expect(rows.nth(0).get_by_role("progressbar")).to_be_visible()
        page.get_by_role("button", name="Cancel adding two.txt").press("Enter")
    expect(rows.nth(1)).to_contain_text("Cancelled")
    expect(rows.nth(0)).to_contain_text("Added")
    expect(page.locator(".library-count")).to_have_text("Documents: 4")


def test_dropped_files_are_taken_in(page: Page):
    data = page.evaluate_handle(
        "text => { const data = new DataTransfer();"
        "data.items.add(new File([text], 'drop.txt')); return data; }",
        MOON.decode(),
    )
    page.dispatch_event(".library-drop", "drop", {"dataTransfer": data})
    expect(page.locator(".library-file")).to_contain_text("Added", timeout=30_000)


def test_a_text_is_pasted_searched_and_opened_by_keyboard(page: Page):
    page.get_by_text("Paste a text").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    for words in ('The "deep": harbour', "Notes", "02032026"):
        page.keyboard.type(words)
        page.keyboard.press("Tab")
    page.locator("textarea").focus()
    page.keyboard.type("The harbour of Xanadu is deep.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".library-file")).to_contain_text("Added: “The", timeout=30_000)
    page.get_by_role("searchbox", name="Search documents").fill("HARBOUR")
    expect(page.locator(".library-count")).to_have_text("Documents: 1")
    expect(page.locator("tbody tr")).to_contain_text("3 Feb 2026")
    page.get_by_role("button", name='Open “The "deep": harbour”').press("Enter")
    assert page.evaluate("window.told") == [
        ["gazette:open", {"doc": "documents/The -deep- harbour.md"}]
    ]


def test_a_document_is_deleted_after_a_question_and_restored(page: Page, library: Gazette):
    delete = page.get_by_role("button", name="Delete “Élise et le câble”")
    dialog = page.get_by_role("dialog")
    delete.press("Enter")
    expect(dialog).to_contain_text("Delete “Élise et le câble”?")
    expect(dialog).to_contain_text("its file stays in your folder")
    page.keyboard.press("Escape")
    expect(delete).to_be_focused()
    assert find(library, "cables")[0].state == "current"
    delete.press("Enter")
    dialog.get_by_role("button", name="Delete").press("Enter")
    restore = page.get_by_role("button", name="Restore “Élise et le câble”")
    expect(restore).to_be_focused()
    expect(page.locator(".library-said")).to_have_text("Deleted: “Élise et le câble”")
    restore.press("Enter")
    expect(page.locator(".library-said")).to_have_text("Restored: “Élise et le câble”")
    expect(row(page, "Élise")).to_contain_text("Indexed")


def test_a_changed_file_is_read_again(page: Page, library: Gazette):
    file = next(o.file for o in library._opened().catalog.listed() if o.id == "press/cables.md")
    before = file.read_text()
    file.write_text(before.replace("short", "long"))
    page.locator("select").select_option("en")
    page.get_by_role("button", name="Re-read “Élise et le câble”").press("Enter")
    expect(page.locator(".library-said")).to_have_text("Read again: “Élise et le câble”")
    expect(row(page, "Élise")).to_contain_text("Indexed")
    file.write_text(before)
    library.library.reread(["press/cables.md"])


def test_chosen_documents_stay_chosen_and_can_be_asked(page: Page):
    page.get_by_role("checkbox", name="Choose “Élise et le câble”").press("Space")
    page.get_by_role("searchbox").fill("rivers")
    expect(page.locator(".library-count")).to_have_text("Documents: 1")
    page.get_by_role("checkbox").press("Space")
    expect(page.locator(".library-chosen")).to_contain_text("Chosen: 2")
    assert page.evaluate("window.chosen()") == [
        {"id": "press/cables.md", "title": "Élise et le câble"},
        {"id": "press/rivers.md", "title": 'On "rivers" & <b>bridges</b>'},
    ]
    page.get_by_role("link", name="Ask these documents").press("Enter")
    assert page.evaluate("window.told.at(-1)")[0] == "gazette:ask"
    page.get_by_role("button", name="Clear").press("Enter")
    expect(page.locator(".library-chosen")).to_be_hidden()
    assert page.evaluate("window.chosen()") == []


@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_nothing_sticks_out_and_every_control_has_a_name(page: Page, width: int):
    page.set_viewport_size({"width": width, "height": 900})
    page.get_by_text("Paste a text").click()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    for role in ("button", "checkbox", "textbox", "combobox", "searchbox"):
        found = page.get_by_role(role)
        assert 0 < found.count() == page.get_by_role(role, name=re.compile(r"\S")).count(), role
