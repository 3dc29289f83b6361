"""Language identification (provisional)."""
def identify(text: str) -> str:
    import re
    if re.search("[а-я]", text.lower()): return "ru"
    if re.search("[əƏ]", text): return "az"
    if re.search("[ğşıİ]", text): return "tr"
    if re.search(r"[éèàçù]|\b(le|la|les|des|du|quel|que)\b", text.lower()): return "fr"
    return "en"
