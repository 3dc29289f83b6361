"""Follow-up questions: what one leaves unsaid is carried over from the earlier turns.

There is no grammar here, only signals: an opening, pronouns that nothing before them explains, few
words of its own. What is added is shown, so that a reader sees at once where a signal misleads.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from rag.model import Span, Turn
from rag.text.dating import read_dates
from rag.text.folding import Token, fold, term, tokens
from rag.text.language import identify
from rag.text.names import read_names
from rag.text.sentences import sentence_spans
from rag.text.stopwords import is_stop_word

_TURNS, _WORDS, _ANSWER_WORDS = 3, 12, 3  # looked at; added at most; of an answer, for a name
_OWN = 2  # content words, names apart, from which a question with a name is complete
_SHORT = 4  # content words up to which one without names may be about an earlier subject
_TURKIC = ("az", "tr")
_WORD = re.compile(r"(?<![”»\w’'-])(?<!\w\")[^\s“”„«»\"]+")  # not the ending that “Aitu”dan has
_BREAK = re.compile(r"[,;:.!?…()\[\]“”„«»\"\n]")  # marks that end a run of words
_Word = list[Token]  # what stands between blanks, such as Türkiye’deki


def _patterns(**of: str) -> dict[str, re.Pattern[str]]:
    """Patterns over folded words, by language; Azerbaijani and Turkish, often mistaken, share."""
    found = {lang: re.compile(rf"(?<!\S)(?:{fold(one)})(?!\S)") for lang, one in of.items()}
    return {**found, "az": found["tr"]}


_OPENING = _patterns(
    en="and|but|so(?! called)|then|or|(?:what|how) about", fr="et|mais|alors|donc|puis|du coup|quid",
    ru="а|и|но|ну|так|тогда|(?:что|как) (?:же|насчет)",
    tr="bəs|və|amma|lakin|yaxşı|peki|ve|ya|ama|öyleyse|elə isə|o (?:zaman|halde)",
)  # fmt: skip
_POINTING = _patterns(
    en="he|she|they|him|them|his|hers?|theirs?|it(?! (?:true|possible))|its|these|those"
    "|(?<!is )(?<!are )there(?! (?:is|are|was|were|be|will))|this(?! (?:year|month|week|quarter))"
    "|that(?= one|$)|(?:about|after|for|is|was|did|does) that|in the country",
    fr="(?<!faut )(?<!y a t )(?:ils?|elles?)(?! (?:y a|faut)\\b)|lui|eux|ca|cela|ceux|celles?|celui"
    "|y(?! a\\b)|[sntj] en|qu en (?:a|pens|di|est)[a-z]*|sa|son|ses|leurs?|cet|ces|la bas"
    "|(?<!est )ce (?!qu|dont|sont|n |mois|jour)[a-z]+|cette(?! (?:annee|semaine))|dans le pays",
    ru="он[аио]?|его|ее|их|ему|ей|ими?|ним|ними|них|нем|него|нее|там|туда|оттуда|в стране"
    "|эт(?:от|а|о|и|ого|ой|ому|ом|им|их|у|ими)(?! (?:год|месяц|недел))",
    tr="o|on(?:un|u|a|dan|da|lar[a-z]*)|bu(?! (?:il|yıl|sene|ay|gün|hafta|həftə))|söz konusu"
    "|bun(?:un|u|a|dan|da|lar[a-z]*)|(?:o|bu)rada?[a-z]*|orda|həmin(?! il)|ölkədə|ülkede",
)
_ASKING = _patterns(
    en="who|whom|whose|what|which|when|where|why|how(?: (?:soon|long|far|large|old))?|is|are|was"
    "|were|do|does|did|will|would|can|could|has|have|had|should|may|must",
    fr="qui|qu|que|quoi|(?:la|le|les)?quel(?:le)?s?|ou|quand|comment|combien|pourquoi|est ce|y a",
    ru="к(?:то|ого|ому|ем|ом|огда|уда)|ч(?:то|его|ему?|ей|ья|ье|ьи)|(?:как|скольк)[a-z]*|где|откуда"
    "|почему|зачем|ли",
    tr="kim[a-z]*|(?:nə|ne)(?: (?:vaxt|zaman|qədər|kadar)[a-z]*)?|nəyi|neyi|nədən|nəyə|nədir|niyə"
    "|neçə[a-z]*|hansı[a-z]*|har[ad][a-z]*|haçan|nasıl|niçin|nere[a-z]*|hangi[a-z]*|kaç[a-z]*|mi|mu",
)
_WHO = _patterns(en="who|whom", fr="qui", ru="кто|кого|кому|кем", tr="kim[a-z]*")
_SPEAKER = _patterns(
    en="he|she|him|his|her", fr="lui|elle|eux", ru="по (?:его|ее|их) [a-z]+|(?:он|она) сказала?",
    tr="ona (?:görə|göre)|onun (?:sözlərinə|fikrincə)|o n[əe] (?:dedi|deyib)",
)  # fmt: skip
_WHEN = _patterns(en="when|how soon", fr="quand", ru="когда", tr="n[əe] (?:vaxt|zaman)[a-z]*")
_DEFINING = _patterns(
    en="what (?:is|are)(?! the)", fr="qu est ce|c est quoi", ru="что такое|кто так[a-z]*", tr="(?!)"
)
_ANOTHER = _patterns(
    en="second|third|next|other|ones?", fr="deuxieme|seconde?|troisieme|autres?|suivante?",
    ru="(?:втор|трет|друг|следующ)[a-z]*", tr="növbəti|(?:ikinci|üçüncü|diğer|digər|öbür)[a-z]*",
)  # fmt: skip
_POSSESSED = re.compile(r"\w{4,}[ıiuü]")  # Qiyməti nədir? What is its price?


class _Text:
    """A question, or the first sentence of an answer, taken apart."""

    def __init__(self, text: str, lang: str) -> None:
        self.text, self.lang, self.tokens = text, lang, tokens(text)
        spans = [Span(*match.span()) for match in _WORD.finditer(text)]
        self.words = [w for span in spans if (w := [t for t in self.tokens if _meet(t.span, span)])]
        self.dates = [date.span for date in read_dates(text, self.tokens, lang)]
        self.names = [name.span for name in read_names(text, self.tokens)]
        self.named = {t for t in self.tokens if any(_meet(t.span, name) for name in self.names)}
        opening = next((found for found in self.find(_OPENING) if not found.start), ())
        self.opening = {self.tokens[i] for i in opening}
        self._asking = {self.tokens[i] for found in self.find(_ASKING) for i in found}
        formal = (self._asking | self.opening) - self.named
        self.telling = {t for t in self.tokens if not is_stop_word(t)} - formal
        """What tells of a subject: neither function words nor how it is asked."""
        self.content = self.telling - self.named
        self.is_part = not (self._asking or self.find(_POINTING) or len(self.content) > _OWN)
        """Whether it is a part of a sentence, which the question before it completes."""
        self.first = [token.span for token in self.tokens[:1] if token in self.content]
        """What it begins with, which may be its subject."""

    def find(self, patterns: dict[str, re.Pattern[str]]) -> list[range]:
        """The tokens that the language's pattern covers, for each place where it stands."""
        line = " ".join(token.folded for token in self.tokens)
        spans = [match.span() for match in patterns.get(self.lang, patterns["en"]).finditer(line)]
        return [range(line.count(" ", 0, a), line.count(" ", 0, b) + 1) for a, b in spans]

    def role(self, name: Span) -> str:
        """What shows the part that a name has: a case ending, elsewhere the word before it."""
        if self.lang in _TURKIC:
            words = [word for word in self.words if _meet(_span(word), name)]
            return re.sub("[aeiou]", "a", "".join(word[-1].folded[-2:] for word in words[-1:]))
        before = [token for token in self.tokens if token.span.end <= name.start][-1:]
        return "".join(token.folded for token in before if token not in self.opening)

    def runs(self, left_out: Sequence[Span], is_part: bool) -> Iterator[list[_Word]]:
        """Its words between marks and what is left out, and, but for a part, question words."""
        asking = self.opening if is_part else self._asking | self.opening
        run: list[_Word] = []
        for word in self.words:
            is_out = any(_meet(_span(word), one) for one in left_out)
            is_out |= self.telling.isdisjoint(word) and not asking.isdisjoint(word)
            if run and (is_out or _BREAK.search(self.text, _span(run[-1]).end, _span(word).start)):
                yield run
                run = []
            run += [] if is_out else [word]
        yield run


def _meet(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _span(word: _Word) -> Span:
    return Span(word[0].span.start, word[-1].span.end)


def is_follow_up(question: str, lang: str, history: Sequence[Turn]) -> bool:
    """Whether ``question`` lacks what an earlier turn may have; never when brackets end it."""
    asked = _Text(question, lang)
    if not history or not asked.tokens or question.rstrip().endswith(")"):
        return False
    count = len(asked.names) + len(asked.content)
    if asked.opening and (count <= _OWN or not asked.names or not asked.content):
        return True
    return _points(asked) or _is_elliptical(asked) or _repeats(asked, history[-1])


def may_lack_something(question: str, lang: str, history: Sequence[Turn]) -> bool:
    """Whether a reader had better look: a follow-up, or a question that names nothing itself."""
    named = bool(_Text(question, lang).names)
    return bool(history) and (not named or is_follow_up(question, lang, history))


def _points(asked: _Text) -> bool:
    """Whether a pronoun or demonstrative stands where nothing before it can be what is meant."""
    count = len(asked.content)
    for found in asked.find(_POINTING):
        start = asked.tokens[found.start].span.start
        before = sum(token.span.start < start for token in asked.content)
        is_late = before > _SHORT or any(name.start < start for name in asked.names)
        is_bound = is_late and count >= _OWN
        if asked.lang == "fr" and asked.text[start - 1 : start] == "-":  # le câble doit-il
            is_bound = before >= _OWN or count > _SHORT or bool(asked.names)
        if not is_bound:
            return True
    return False


def _is_elliptical(asked: _Text) -> bool:
    """Whether it is a question word and little else, or a part of a sentence."""
    count = len(asked.content)
    if not asked.find(_ASKING):
        return not count if asked.names else count <= _OWN and "?" in asked.text
    if asked.names or count >= _OWN:
        return not asked.names and count < _SHORT and bool(asked.find(_ANOTHER))
    subjects = [asked.text[slice(*span)] for span in asked.first]
    return all(map(_POSSESSED.fullmatch, subjects)) and not asked.find(_DEFINING)


def _repeats(asked: _Text, turn: Turn) -> bool:
    """Whether it takes up a word of the turn, and names nothing itself."""
    text = f"{turn.question}\n{turn.answer}"
    earlier = {term(token.folded) for token in _Text(text, identify(text)).content}
    repeated = [token.span for token in asked.content if term(token.folded) in earlier]
    is_short = not asked.names and len(asked.content) <= _SHORT
    return is_short and bool(repeated) and all(one in repeated for one in asked.first)


def standalone(question: str, lang: str, history: Sequence[Turn]) -> str:
    """``question`` with what it lacks of earlier turns in brackets behind it, 12 words at most.

    They are slices of the earlier texts, without what the question has itself or replaces. It comes
    back as it is when it is no follow-up, or when there is nothing to add.
    """
    history = history[-_TURNS:]
    if not is_follow_up(question, lang, history):
        return question
    asked, last = _Text(question, lang), history[-1]
    spoken = standalone(last.question, identify(last.question), history[:-1])
    previous = _Text(spoken, identify(spoken))
    held = {term(token.folded) for token in asked.tokens}
    is_answered = not previous.names or previous.find(_WHO) or asked.find(_SPEAKER)
    named = _named_in(last.answer, held) if is_answered and asked.find(_POINTING) else []
    runs = previous.runs(_replaced(asked, previous), asked.is_part)
    added = _slices(previous, runs, held, _WORDS - sum(len(name.split()) for name in named)) + named
    return f"{question} ({', '.join(added)})" if added else question


def searched(question: str, lang: str, history: Sequence[Turn]) -> str:
    """``standalone`` as passages are best found by it: what is added first, no opening particle."""
    added = standalone(question, lang, history)[len(question) + 2 : -1]
    start = max((token.span.end for token in _Text(question, lang).opening), default=0)
    return f"{added} {question[start:].lstrip(' ,')}" if added else question


def _replaced(asked: _Text, previous: _Text) -> list[Span]:
    """What the question has something else for: dates, and the only name or one in its role."""
    dates = previous.dates if asked.dates or asked.find(_WHEN) else []
    names = [*asked.names, *asked.first]
    if not asked.is_part or not names:
        return dates
    role = asked.role(names[0])
    alike = [one for one in [*previous.names, *previous.first] if previous.role(one) == role][:1]
    if alike and previous.lang in _TURKIC:  # of Nəbiyev ABŞ-da the last word
        start, end = alike[0]
        alike = [Span(start + previous.text[start:end].rfind(" ") + 1, end)]
    is_only = asked.names and len(previous.names) == 1
    return dates + (alike or (previous.names if is_only else []))


def _named_in(answer: str, held: set[str]) -> list[str]:
    """The names of an answer's first sentence; Azerbaijani and Turkish put titles before them."""
    lang = identify(answer)
    text = _Text("".join(answer[slice(*span)] for span in sentence_spans(answer, lang)[:1]), lang)
    runs = [[word for word in text.words if _meet(_span(word), name)] for name in text.names]
    runs = [run for run in runs if len(run) <= _ANSWER_WORDS]
    return _slices(text, runs[:: -1 if lang in _TURKIC else 1], held, _ANSWER_WORDS)


def _slices(text: _Text, runs: Iterable[list[_Word]], held: set[str], room: int) -> list[str]:
    """The ``runs`` that have room and tell what is not ``held`` yet, those with names first."""
    found: list[Span] = []
    for run in sorted(runs, key=lambda run: all(map(text.named.isdisjoint, run))):
        kept = run if found else run[:room]  # better cut than empty
        new = {term(one.folded) for word in kept for one in word if one in text.telling} - held
        if new and len(kept) <= room:
            held |= new
            room -= len(kept)
            found.append(Span(_span(kept[0]).start, _span(kept[-1]).end))
    return [text.text[slice(*span)] for span in sorted(found)]
