"""Sums: how the words of a number add up, in each of the five languages."""

from decimal import Decimal

from rag.text.number_words import NumberWord

_NONE = Decimal(0)


class NumberSum:
    """A number as its words add up: what is complete, and what a hundred or a scale may multiply.

    "Two million five hundred" is 2,000,000, complete, and 500, current.
    """

    def __init__(self, lang: str | None) -> None:
        self._lang = lang
        self._complete = _NONE
        self._current: Decimal | None = None
        self._takes_units = True
        self.scale = _NONE
        """The last scale taken in: what follows is smaller."""
        self.is_bare_half = False
        """Whether there is only a half so far, which is no number unless a scale follows."""

    @property
    def value(self) -> Decimal:
        """What there is makes together."""
        return self._complete + (self._current or 0)

    def add(self, word: NumberWord) -> bool:
        """Take ``word`` in; False, and nothing changes, where it is of no number with the rest."""
        match word.role:
            case "unit":
                return self._takes_units and self._add_unit(word.value)
            case "hundred":
                return self._add_hundred(word.value)
            case "scale":
                return self._add_scale(word.value)
            case "half":
                return self._add_half(word.value)

    def add_digits(self, value: Decimal) -> bool:
        """Take in a number in digits, to which no units in words are added."""
        self._takes_units, is_free = False, self._current is None
        self._current = value if is_free else self._current
        return is_free

    def takes_and(self, value: Decimal) -> bool:
        """Whether "and" or "et" may stand before a unit of ``value``."""
        rest = (self._current or _NONE) % 100
        if self._lang == "fr":
            return value in (1, 11) and 20 <= rest < 90
        return rest == 0

    def _add_unit(self, value: Decimal) -> bool:
        if self._current is None:
            self._current = value
        elif self._lang == "fr" and self._current % 100 == 4 and value == 20:
            self._current += 76  # quatre-vingts
        elif self._fits(self._current, value):
            self._current += value
        else:
            return False
        return True

    def _fits(self, current: Decimal, value: Decimal) -> bool:
        rest = current % 100
        if not current or not 0 < value < 100:
            return False
        if rest == 10:  # on beş, dix-sept
            return value < 10 and (self._lang in ("az", "tr") or (self._lang == "fr" and value > 6))
        if self._lang == "fr" and rest in (60, 80):
            return value < 20
        return rest == 0 or (value < 10 and rest >= 20 and rest % 10 == 0)

    def _add_hundred(self, value: Decimal) -> bool:
        most = 100 if self._lang == "en" else 10
        if self._current is not None and not 0 < self._current < most:
            return False
        self._current = value * (1 if self._current is None else self._current)
        return True

    def _add_scale(self, value: Decimal) -> bool:
        if self._current is None and value > self.scale > 0:
            self._complete *= value  # mille milliards
        elif self.scale and (self._current is None or value >= self.scale):
            return False
        else:
            self._complete += value * (1 if self._current is None else self._current)
        self._current, self.scale, self.is_bare_half = None, value, False
        return True

    def _add_half(self, value: Decimal) -> bool:
        self.is_bare_half = self._current is None and not self.scale
        if self._current is None and self.scale:
            value *= self.scale  # un million et demi
        self._current = (self._current or 0) + value
        self._takes_units = False
        return True
