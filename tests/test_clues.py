"""Clues: what a question says of time and source, as filters and weights."""

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag.clues import Clue, clues_in, filters_with, without
from rag.model import LANGUAGES, Filters, Span

_MONDAY = date(2026, 6, 1)
_PUBLISHERS = tuple(
    "Report,Report.az,Trend,AZERTAC,Minval,Kursiv.media,Kazinform,Qazinform,The Astana Times,"
    "The National,La Gazette,Le Courrier d'Erevan,Son Dakika,Türkiye Gazetesi,El.kz,"
    "SubTel Forum (News.Az),Fergana,1news.az".split(",")
)
# A question, and its clues: days from..to, a publisher, or "@" and a person; "~" before a weight.
_FOUND = {
    "en": """
What happened last week? = last week 2026-05-25..2026-05-31
When did they meet last month? = last month 2026-05-01..2026-05-31
What was decided at last week's meeting? = last week's 2026-05-25..2026-05-31
What has been announced this month? = this month 2026-06-01..2026-06-30
What will they launch this month? = ~ this month 2026-06-01..2026-06-30
Whom did he meet yesterday? = yesterday 2026-05-31..2026-05-31
What is in today's news? = today's 2026-06-01..2026-06-01
What was signed in the last three days? = in the last three days 2026-05-29..2026-06-01
What came over the past 24 hours? = over the past 24 hours 2026-05-31..2026-06-01
What changed since January? = since January 2026-01-01..
What was built since the beginning of the year? = since the beginning of the year 2026-01-01..
Who has led it since March 2024? = ~ since March 2024 2024-03-01..
How many came last year? = ~ last year 2025-01-01..2025-12-31
What was signed in December? = ~ in December 2025-12-01..2025-12-31
What was signed on 18 December? = ~ on 18 December 2025-12-18..2025-12-18
What was signed in 2025? = ~ in 2025 2025-01-01..2025-12-31
According to Minval, what next? = According to Minval Minval
What did The Astana Times write about it? = The Astana Times The Astana Times
what did trend report? = trend Trend
What has Kursiv written this week? = Kursiv Kursiv.media; this week 2026-06-01..2026-06-07
Is it true, according to the agency Trend? = according to the agency Trend Trend
Any articles in Astana Times on it? = in Astana Times The Astana Times
As SubTel Forum reported, what broke? = As SubTel Forum reported SubTel Forum (News.Az)
According to Trend Micro, what next? = ~ According to Trend Micro @Trend Micro
According to the National Bank, how much? = ~ According to the National Bank @National Bank
According to Elvin Abbasov, what next? = ~ According to Elvin Abbasov @Elvin Abbasov
What next, in the view of Mr Abbasov? = ~ in the view of Mr Abbasov @Abbasov
""",
    "fr": """
Que s'est-il passé la semaine dernière ? = la semaine dernière 2026-05-25..2026-05-31
Qu'a-t-on signé ce mois-ci ? = ce mois-ci 2026-06-01..2026-06-30
Qui a-t-il vu hier à Bakou ? = hier 2026-05-31..2026-05-31
Et avant-hier ? = avant-hier 2026-05-30..2026-05-30
Qu'a-t-on signé ces trois derniers jours ? = ces trois derniers jours 2026-05-29..2026-06-01
Quoi depuis le début de l'année ? = depuis le début de l'année 2026-01-01..
Quoi depuis janvier ? = depuis janvier 2026-01-01..
Quoi en décembre ? = ~ en décembre 2025-12-01..2025-12-31
Quoi en mars ? = ~ en mars 2026-03-01..2026-03-31
Selon Minval, combien ? = Selon Minval Minval
Combien, d'après Report.az ? = d'après Report.az Report.az
Combien, selon « La Gazette » ? = selon « La Gazette » La Gazette
Combien, selon le Courrier d’Erevan ? = selon le Courrier d’Erevan Le Courrier d'Erevan
Que dit Trend de ce câble ? = Trend Trend
Selon Elvin Abbasov, combien ? = ~ Selon Elvin Abbasov @Elvin Abbasov
Combien, d’après le ministre Nabiev ? = ~ d’après le ministre Nabiev @Nabiev
""",
    "ru": """
Что произошло на прошлой неделе? = на прошлой неделе 2026-05-25..2026-05-31
Что подписали в этом месяце? = в этом месяце 2026-06-01..2026-06-30
Что откроется в этом месяце? = ~ в этом месяце 2026-06-01..2026-06-30
С кем он встретился вчера? = вчера 2026-05-31..2026-05-31
Что изменилось с начала года? = с начала года 2026-01-01..
Что подписали за последние три месяца? = за последние три месяца 2026-03-01..2026-06-01
Что подписали за последнюю неделю? = за последнюю неделю 2026-05-25..2026-06-01
Что вводится с января? = ~ с января 2026-01-01..
Что подписали в прошлом году? = ~ в прошлом году 2025-01-01..2025-12-31
Что подписали в декабре? = ~ в декабре 2025-12-01..2025-12-31
Сколько, по данным «Trend», их? = по данным «Trend» Trend
Как пишет Курсив, сколько их? = Как пишет Курсив Kursiv.media
Сколько их по информации Казинформа? = по информации Казинформа Kazinform
Сколько их по сообщению агентства Азертадж? = по сообщению агентства Азертадж AZERTAC
О чём писал Report на прошлой неделе? = Report Report; на прошлой неделе 2026-05-25..2026-05-31
Сколько, по словам Аббасова? = ~ по словам Аббасова @Аббасова
Сколько, по данным Репортёров без границ? = ~ по данным Репортёров @Репортёров
""",
    "az": """
Keçən həftə nə baş verib? = Keçən həftə 2026-05-25..2026-05-31
Bu ay nə elan olunub? = Bu ay 2026-06-01..2026-06-30
Dünən kim gəlib? = Dünən 2026-05-31..2026-05-31
İlin əvvəlindən nə dəyişib? = İlin əvvəlindən 2026-01-01..
Son üç ayda nə dəyişib? = Son üç ayda 2026-03-01..2026-06-01
son uc gunde ne olub? = son uc gunde 2026-05-29..2026-06-01
Yanvardan bəri nə dəyişib? = Yanvardan bəri 2026-01-01..
Bu il nə tikilib? = ~ Bu il 2026-01-01..2026-12-31
Dekabrda nə imzalanıb? = ~ Dekabrda 2025-12-01..2025-12-31
Назирләр кечән һәфтә нә дејиб? = кечән һәфтә 2026-05-25..2026-05-31
Trend-in məlumatına görə, neçədir? = Trend-in məlumatına görə Trend
“Trend”in məlumatına görə, neçədir? = “Trend”in məlumatına görə Trend
AZERTAC-a görə, neçədir? = AZERTAC-a görə AZERTAC
Trend Nəbiyev haqqında nə yazıb? = Trend Trend
Report haqqında Trend nə yazıb? = Trend Trend
Elvin Abbasova görə nə? = ~ Elvin Abbasova görə @Elvin Abbasova
Elvin Abbasovun sözlərinə görə nə? = ~ Elvin Abbasovun sözlərinə görə @Elvin Abbasovun
Google Trend-ə görə nə? = ~ Google Trend-ə görə @Google Trend
""",
    "tr": """
Geçen hafta kim geldi? = Geçen hafta 2026-05-25..2026-05-31
Bu ay ne açıklandı? = Bu ay 2026-06-01..2026-06-30
Dün kim geldi? = Dün 2026-05-31..2026-05-31
Yıl başından beri ne değişti? = Yıl başından beri 2026-01-01..
Son üç ayda ne değişti? = Son üç ayda 2026-03-01..2026-06-01
Aralıkta ne imzalandı? = ~ Aralıkta 2025-12-01..2025-12-31
2025'te ne imzalandı? = ~ 2025'te 2025-01-01..2025-12-31
Minval'a göre kaç kişi? = Minval'a göre Minval
Minval’ın haberine göre kaç kişi? = Minval’ın haberine göre Minval
Türkiye Gazetesi bu konuda ne yazdı? = Türkiye Gazetesi Türkiye Gazetesi
Elvin Abbasov'a göre ne gerek? = ~ Elvin Abbasov'a göre @Elvin Abbasov
""",
}
_NONE = {
    "en": "What is his last name?|What did the last conference decide?|May he join?|Who may?|"
    "What is today's technology?|What will open in the third quarter of 2026?|What opens in 2030?|"
    "Who spoke in the last week of December?|What did he say in his last week in office?|"
    "In which month was it?|When was it?|Since when?|What about the 2021-2025 strategy?|"
    "By the end of this month?|What did the last two weeks of the war cost?|on 31 June|"
    "What is Trend?|What is the trend in AI?|According to the trend, what next?|"
    "According to the report, what next?|according to the national plan, how much?|"
    "Where is The National printed?",
    "fr": "Y a-t-il de la vie sur Mars ?|la planète Mars|en marche|Quel est son dernier livre ?|"
    "Qu'en est-il aujourd'hui ?|en janvier prochain|Depuis quand ?|En quel mois ?|cette semaine-là|"
    "Que dit le rapport ?|Qu'est-ce que Trend ?|ce mois d'août",
    "ru": "Последняя конференция?|на последней неделе декабря|до конца этого месяца|Что сегодня?|"
    "В каком месяце?|по данным тренда|"
    "Что такое Trend?",
    "az": "Son konfrans nə vaxtdır?|Hansı ayda?|Buna görə?|ilin son üç ayında|gələn yanvarda|"
    "Trend nədir?|trendə görə|bu ayın sonuna qədər",
    "tr": "Denizden geçen kablo?|bugünün teknolojisi|son haftası|Trend yazılımı nedir?|"
    "son dakika haberlerine göre|El nedir?|Minval hakkında ne yazdı?",
}


def _said(clue: Clue) -> str:
    days = f"{clue.since}..{clue.until or ''}"
    meant = days if clue.kind == "time" else clue.publisher or f"@{clue.person}"
    return f"{'' if clue.is_filter else '~ '}{clue.text} {meant}"


def _rows() -> list[tuple[str, str, str]]:
    rows = [(lang, row) for lang, table in _FOUND.items() for row in table.strip().split("\n")]
    found = [(lang, *row.partition(" = ")[::2]) for lang, row in rows]
    return found + [(lang, row, "") for lang, table in _NONE.items() for row in table.split("|")]


@pytest.mark.parametrize(("lang", "question", "expected"), _rows())
def test_the_clues_of_a_question(lang: str, question: str, expected: str) -> None:
    found = clues_in(question, lang, _MONDAY, _PUBLISHERS)
    assert "; ".join(_said(clue) for clue in found) == expected


@pytest.mark.parametrize(
    ("today", "words", "days"),
    [
        ("2026-01-01", "yesterday", "2025-12-31..2025-12-31"),
        ("2026-01-01", "this week", "2025-12-29..2026-01-04"),
        ("2026-01-01", "last month", "2025-12-01..2025-12-31"),
        ("2026-01-01", "in February", "2025-02-01..2025-02-28"),
        ("2026-05-31", "last week", "2026-05-18..2026-05-24"),
        ("2027-03-31", "in the last month", "2027-02-28..2027-03-31"),
        ("2028-02-29", "last year", "2027-01-01..2027-12-31"),
        ("2028-02-29", "in the last twelve months", "2027-02-28..2028-02-29"),
        ("2028-02-29", "on 29 February", "2028-02-29..2028-02-29"),
        ("2028-02-28", "on 29 February", "2024-02-29..2024-02-29"),
    ],
)
def test_days_at_the_edges_of_the_calendar(today: str, words: str, days: str) -> None:
    (clue,) = clues_in(f"What was signed {words}?", "en", date.fromisoformat(today), ())
    assert f"{clue.since}..{clue.until or ''}" == days


def _filters(question: str, given: Filters = Filters()) -> Filters:  # noqa: B008 - frozen
    return filters_with(clues_in(question, "en", _MONDAY, _PUBLISHERS), given)


def test_filter_clues_become_filters_and_weights_do_not() -> None:
    question = "What did Trend write yesterday of the meeting in December 2025?"
    day = date(2026, 5, 31)
    assert _filters(question) == Filters(publishers=("Trend",), since=day, until=day)
    assert not _filters("What was signed in December 2025?")


def test_what_the_user_gave_wins_over_clues_of_that_kind() -> None:
    given = Filters(langs=("fr",), since=date(2025, 1, 1))
    assert _filters("What did Trend write yesterday?", given) == Filters(
        langs=("fr",), publishers=("Trend",), since=date(2025, 1, 1)
    )
    given = Filters(publishers=("Report",))
    found = _filters("What did Trend write last week?", given)
    assert (found.publishers, found.since) == (("Report",), date(2026, 5, 25))


def test_several_times_make_one_that_spans_them_all() -> None:
    found = _filters("What did Trend say yesterday, and what did Report say last week?")
    assert found == Filters((), ("Trend", "Report"), date(2026, 5, 25), date(2026, 5, 31))
    assert _filters("What came last week and since January?").until is None


@pytest.mark.parametrize(
    ("lang", "question", "left"),
    [
        ("en", "What was signed in Baku last week?", "What was signed in Baku?"),
        ("en", "According to Trend, what was signed?", "what was signed?"),
        ("en", "What was signed, according to Trend?", "What was signed?"),
        ("en", "What (according to Trend) was signed?", "What was signed?"),
        ("en", "What was signed in December?", "What was signed in December?"),
        ("en", "And last week?", "And last week?"),
        ("fr", "Qu'a signé Bakou, selon « Trend », hier ?", "Qu'a signé Bakou ?"),
        ("ru", "Сколько, по данным Trend, стоит кабель?", "Сколько стоит кабель?"),
        ("az", "Trend-in məlumatına görə, kabel hazırdır?", "kabel hazırdır?"),
    ],
)
def test_a_question_without_its_filter_clues(lang: str, question: str, left: str) -> None:
    assert without(question, clues_in(question, lang, _MONDAY, _PUBLISHERS)) == left


def test_clues_of_another_question_take_nothing_away() -> None:
    alien = Clue("time", Span(0, 9), "yesterday", _MONDAY, _MONDAY, "", True)
    assert without("Who came to Baku?", [alien]) == "Who came to Baku?"


_PIECES = [row.split(" = ")[0] for table in _FOUND.values() for row in table.strip().split("\n")]
_WORDS = sorted({word for piece in _PIECES for word in piece.split()} | {"«", "»", '"', "(", ")"})
_QUESTIONS = st.lists(st.sampled_from(_WORDS) | st.text(max_size=4), max_size=25).map(" ".join)
_LANGS = st.sampled_from([*LANGUAGES, "", "de"])


@given(_QUESTIONS | st.text(), _LANGS, st.dates(), st.lists(st.text(max_size=8), max_size=3))
@example("since yesterday in the last 999 years", "en", date.min, [])
@example("ﷺ last week §x @ = & # %", "en", date.max, ["", "@", "ﷺ"])
def test_any_question_has_clues_that_slice_to_their_text(
    question: str, lang: str, today: date, more: list[str]
) -> None:
    publishers = [*_PUBLISHERS, *more]
    found = clues_in(question, lang, today, publishers)
    end = 0
    for clue in found:
        assert end <= clue.span.start < clue.span.end
        assert question[clue.span.start : clue.span.end] == clue.text
        assert clue.since is None or clue.until is None or clue.since <= clue.until
        assert clue.publisher in publishers if clue.kind == "source" else clue.since
        end = clue.span.end
    assert clues_in(question, lang, today, publishers) == found
    left = without(question, found)
    assert left or not question
    assert set(left) <= set(question) | {" "}
    filters_with(found, Filters())
