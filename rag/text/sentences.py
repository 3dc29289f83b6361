"""Sentence spans (provisional)."""
import re
def sentence_spans(text: str, lang: str) -> list[tuple[int, int]]:
    return [(m.start(), m.end()) for m in re.finditer(r"\S(?:.*?\S)??(?:[.!?…]+[»”\"]?(?=\s|$)|(?=\n\n)|$)", text, re.S|re.M)]
