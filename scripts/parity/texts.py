"""Texts that tokenizers get wrong: many scripts, marks, joined emoji, control characters, and bytes that are no UTF-8.

The same seed gives the same text on every machine.
"""

import random

PORTUGUESE = ("O coração não se cansa; às três da manhã, João comeu pão-de-ló e disse: «Que saudade!» "
              "Ação, órgão, avô, avó, lingüiça, façanha.").split(" ")
ENGLISH = ("The quick brown fox doesn't jump; it's I'll we've THEY'RE he'd can't 'tis rock'n'roll don\u2019t "
           "O'Neill x'S y'LL z'Ve").split(" ")
RUSSIAN = "Съешь же ещё этих мягких французских булок, да выпей чаю".split(" ")
ARABIC = "مرحبا بالعالم! اللُّغَةُ العَرَبِيَّةُ جميلة ١٢٣٤٥٦٧٨٩٠ لا إله".split(" ")
HINDI = "नमस्ते दुनिया, यह हिन्दी में लिखा है। क्षत्रिय १२३ श्री ज्ञान".split(" ")
THAI = "สวัสดีชาวโลก ภาษาไทยไม่มีช่องว่าง ๑๒๓ น้ำ ผู้ใหญ่".split(" ")
HEBREW = "שָׁלוֹם עולם בְּרֵאשִׁית".split(" ")
KOREAN = "안녕하세요 세계 한국어 텍스트 각".split(" ")
CJK = "".join(chr(c) for c in range(0x4E00, 0x4E00 + 3000)) + "。、！？「」日本語のテキスト、カタカナﾊﾝｶｸ。㐀㿿𠀀𠮷𡃁"
EMOJI = ["👨‍👩‍👧‍👦", "👩🏽‍🚀", "🏳️‍🌈", "🇧🇷🇵🇹", "❤️", "😀😃", "👍🏿", "1️⃣",
         "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"]
MARKS = ["e\u0301", "a\u0308\u0323", "\u0301", "Z\u0351\u036b\u0343a\u0317l\u0327g\u0321o\u0322", "i\u0307", "İ", "ß",
         "ẞ", "ſ", "Ǆǅǆ", "ﬁ", "\u212a", "\u212b", "\u1f71", "Σς", "ʰʱ", "ªº", "\u0e31", "\u20dd", "가\u11a8"]
CONTROL = [chr(c) for c in range(32)] + [
    "\x7f", "\x80", "\x85", "\x9f", "\xa0", "\xad", "\u200b", "\u200c", "\u200d", "\u200e", "\u2028", "\u2029",
    "\u3000", "\ufeff", "\ufffd", "\ufffe", "\uffff", "\u180e", "\u1680", "\u2009", "\ue000", "\U0010ffff",
    "\U000f0000", "\u0600", "\u061c"]
NUMBERS = ["0", "7", "42", "123", "1234", "12345", "1234567", "3.14", "1e-9", "²³", "½", "Ⅷ", "①②", "१२३४५",
           "1,000,000", "0x7F"]
SPACES = [" ", "  ", "   ", "\n", "\n\n", "\r\n", "\t", "\t\t", " \n", " \n ", "\n  ", "\u00a0", "\u3000 ", "  \t\n",
          "      ", "\n\n\n  \n"]
SIGNS = ["...", "!!!", "?!", "//", "/**/", "-->", "();", "{}[]", "=>", "'", "''", "\"", "`", "\\", "$", "€", "£", "±",
         "—", "…", "«»", "„“", "#@%&", "/\n//\n", "!\r\n\r\n/", "'s", "'S", "'ſ", "'Re", "'lL"]
CODE = ["def f(x):\n    return x+1\n", "if (a&&b) { c=d->e[10]; }\n", "HTTPServer", "camelCaseName",
        "snake_case_name", "XMLHttpRequest2", "i18n", "ÀÉÎõü", "ŁódźKraków", "NAÏVETÉ", "DžabcǅDEF", "ABCdefGHI",
        "日本ABCabc"]
LISTS = [PORTUGUESE, ENGLISH, RUSSIAN, ARABIC, HINDI, THAI, HEBREW, KOREAN, EMOJI, MARKS, CONTROL, NUMBERS, SIGNS, CODE]
PLANES = [(0x20, 0x250), (0x250, 0x2000), (0x2000, 0x3100), (0x3100, 0xD800), (0xE000, 0x10000), (0x10000, 0x20000),
          (0x20000, 0x30000)]


def text(size, seed=7, oddities=True):
    """About `size` bytes of text that is valid UTF-8. Without oddities: of words, numbers and spaces only."""
    draw = random.Random(seed)
    parts = []
    made = 0
    while made < size:
        kind = draw.random() * (1 if oddities else 0.7)
        if kind < 0.55:
            words = draw.choice(LISTS[:8])
            part = "".join(
                draw.choice(words) + draw.choice([" ", " ", " ", " ", draw.choice(SPACES)])
                for _ in range(draw.randrange(1, 12)))
        elif kind < 0.7:
            start = draw.randrange(len(CJK))
            part = CJK[start:start + draw.randrange(1, 20)]
        elif kind < 0.9:
            part = "".join(
                draw.choice(draw.choice(LISTS)) + (draw.choice(SPACES) if draw.random() < 0.4 else "")
                for _ in range(draw.randrange(1, 8)))
        else:
            part = "".join(
                chr(draw.randrange(*draw.choice(PLANES))) if draw.random() < 0.7
                else draw.choice(draw.choice([SPACES, SIGNS, NUMBERS])) for _ in range(draw.randrange(1, 10)))
        parts.append(part)
        made += len(part.encode())
    return "".join(parts)


def broken(size, seed=11):
    """About `size` bytes of which some are no UTF-8."""
    draw = random.Random(seed)
    data = bytearray(text(size, seed).encode())
    for _ in range(len(data) // 50):
        place = draw.randrange(len(data))
        if draw.random() < 0.5:
            data[place] = draw.randrange(256)
        else:
            del data[place]
    return bytes(data)
