"""Rewriting: a model makes a follow-up stand by itself, and may add only what the turns have said."""

from collections.abc import Callable, Generator, Sequence
from contextlib import closing

from rag.answering.chat import ChatModel
from rag.answering.markers import DraftParser
from rag.answering.prompts import NOT_IN_CORPUS, TURNS, as_said, fenced_turns, inert
from rag.errors import AnswererError
from rag.model import Turn, Writing
from rag.text.atoms import Atoms
from rag.text.language import identify

_LONGEST = 400
"""Characters of a rewritten question: more is an answer."""
_MAX_REPLY = 4000
"""Characters after which a reply is cut, thoughts included."""

_RULES = {
    "en": """You are given a conversation (Q, A) and its last question. Rewrite the last question so that it is understood without the conversation.
1. Put the names, dates and things that are meant in place of pronouns and of what is left unsaid. Take them from the conversation only.
2. Change nothing else, and do not answer.
3. A question that is understood by itself is repeated as it is.
4. Write one line in English: the question alone.
Example. Q: When was the plant in Aktau opened? A: In May. Last question: Who built it? You write: Who built the plant in Aktau?""",
    "fr": """Tu reçois une conversation (Q, A) et sa dernière question. Réécris la dernière question pour qu'on la comprenne sans la conversation.
1. Mets les noms, les dates et les choses dont il s'agit à la place des pronoms et des sous-entendus. Prends-les uniquement dans la conversation.
2. Ne change rien d'autre, et ne réponds pas.
3. Une question qui se comprend seule est répétée telle quelle.
4. Écris une seule ligne, en français : la question.
Exemple. Q: Quand l'usine d'Aktaou a-t-elle ouvert ? A: En mai. Dernière question : Qui l'a construite ? Tu écris : Qui a construit l'usine d'Aktaou ?""",
    "az": """Sənə söhbət (Q, A) və onun son sualı verilir. Son sualı elə yaz ki, söhbətsiz də başa düşülsün.
1. Əvəzliklərin və deyilməyənlərin yerinə nəzərdə tutulan adları, tarixləri və şeyləri yaz. Onları yalnız söhbətdən götür.
2. Başqa heç nəyi dəyişmə və cavab vermə.
3. Özü başa düşülən sualı olduğu kimi təkrarla.
4. Azərbaycan dilində bir sətir yaz: yalnız sualı.
Nümunə. Q: Aktaudakı zavod nə vaxt açılıb? A: Mayda. Son sual: Onu kim tikib? Sən yazırsan: Aktaudakı zavodu kim tikib?""",
    "ru": """Тебе даны беседа (Q, A) и её последний вопрос. Перепиши последний вопрос так, чтобы он был понятен без беседы.
1. Вместо местоимений и недосказанного поставь имена, даты и предметы, о которых идёт речь. Бери их только из беседы.
2. Больше ничего не меняй и не отвечай.
3. Вопрос, понятный сам по себе, повтори как есть.
4. Напиши одну строку по-русски: только вопрос.
Пример. Q: Когда открыли завод в Актау? A: В мае. Последний вопрос: Кто его построил? Ты пишешь: Кто построил завод в Актау?""",
    "tr": """Sana bir konuşma (Q, A) ve son sorusu veriliyor. Son soruyu, konuşma olmadan da anlaşılacak biçimde yeniden yaz.
1. Zamirlerin ve söylenmeyenlerin yerine kastedilen adları, tarihleri ve şeyleri koy. Bunları yalnızca konuşmadan al.
2. Başka hiçbir şeyi değiştirme ve yanıt verme.
3. Tek başına anlaşılan soruyu olduğu gibi yinele.
4. Türkçe tek satır yaz: yalnızca soruyu.
Örnek. Q: Aktau'daki tesis ne zaman açıldı? A: Mayısta. Son soru: Onu kim yaptı? Yazdığın: Aktau'daki tesisi kim yaptı?""",
}
_LAST = {
    "en": "Last question", "fr": "Dernière question", "az": "Son sual",
    "ru": "Последний вопрос", "tr": "Son soru",
}  # fmt: skip


Rewriting = Generator[Writing, None, str]
"""The rewritten question, and on the way an event now and then, so that who reads can leave."""


def rewriter(model: ChatModel) -> Callable[[str, str, Sequence[Turn]], Rewriting]:
    """``rewrite`` with ``model``."""
    return lambda question, language, history: rewrite(question, language, history, model)


def rewrite(question: str, language: str, history: Sequence[Turn], model: ChatModel) -> Rewriting:
    """``question``, asked after ``history`` (oldest first), as one that stands by itself.

    Raises AnswererError when the model fails, or writes what is no rewriting: in another language,
    too long, nothing, or with a name, number or date that neither question nor turns have.
    """
    earlier = [as_said(turn) for turn in history[-TURNS:]]
    said = f"{fenced_turns(earlier)}\n\n{_LAST[language]}: {inert(question)}"
    written = yield from _line(
        model.stream((("system", _RULES[language]), ("user", said))), language
    )
    if problem := _problem(written, language, "\n".join([*earlier, question])):
        raise AnswererError(f"{model.name} {problem}")
    return written


def _line(pieces: Generator[str, None, None], language: str) -> Rewriting:
    """The reply without thoughts, marks and markup, as far as a question may reach."""
    parser, drafts, read = DraftParser(language, 0), [], 0
    with closing(pieces):  # who stops reading stops the model
        for piece in pieces:
            if not piece:
                yield Writing("")
            drafts += parser.feed(piece)
            read += len(piece)
            if read > _MAX_REPLY or sum(len(draft.text) for draft in drafts) > _LONGEST:
                break
    drafts += parser.finish()
    line = " ".join(draft.text for draft in drafts).removeprefix(f"{_LAST[language]}:")
    return line.strip(' "«»“”„')


def _problem(written: str, language: str, said: str) -> str:
    """What keeps ``written`` from standing for the question, or ""."""
    if not any(c.isalnum() for c in written) or NOT_IN_CORPUS in written:
        return "wrote no question"
    if len(written) > _LONGEST:
        return f"wrote more than {_LONGEST} characters instead of a question"
    if (spoken := identify(written)) != language:
        return f"rewrote the question in {spoken}, not in {language}"
    invented = Atoms.of(written, language).missing_from([Atoms.of(said, language)])
    if invented:
        return f"put into the question what nobody had said ({', '.join(invented)})"
    return ""
