"""The same tokenizers in the libraries that mgbench is held against."""

import base64
import io
import json

import sentencepiece
from tokenizers import Tokenizer

# The patterns of tiktoken 0.14, and those that tokenizer.json files hold.
GPT2 = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"""
CL100K = (r"""'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|"""
          r"""\s*[\r\n]|\s+(?!\S)|\s""")
CONTRACTION = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
O200K = "|".join([
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+" + CONTRACTION + "?",
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*" + CONTRACTION + "?",
    r"\p{N}{1,3}", r" ?[^\s\p{L}\p{N}]+[\r\n/]*", r"\s*[\r\n]+", r"\s+(?!\S)", r"\s+"])
LLAMA3 = (CONTRACTION + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
QWEN2 = LLAMA3.replace("{1,3}", "")
TIKTOKEN = {"gpt2": GPT2, "cl100k": CL100K, "o200k": O200K}


def byte_level(regex):
    return {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": regex}


def split(pattern):
    part = {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False}
    return {"type": "Sequence", "pretokenizers": [part, byte_level(False)]}


DIGITS = {"type": "Digits", "individual_digits": True}
PRE_TOKENIZERS = {
    "gpt2": byte_level(True), "smollm2": {"type": "Sequence", "pretokenizers": [DIGITS, byte_level(True)]},
    "llama3": split(LLAMA3), "qwen2": split(QWEN2), "o200k": split(O200K)}


def alphabet():
    """The character of each byte in files."""
    plain = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    rest = [byte for byte in range(256) if byte not in plain]
    return {**{byte: chr(byte) for byte in plain}, **{byte: chr(256 + i) for i, byte in enumerate(rest)}}


def ranks(model):
    """The tokens of a `tokenizer.json`'s model as tiktoken's ranks: bytes in the order of the merges."""
    byte_of = {character: byte for byte, character in alphabet().items()}
    found = {bytes([byte]): rank for rank, byte in enumerate(range(256))}
    for left, right in model["merges"]:
        token = bytes(byte_of[character] for character in left + right)
        found.setdefault(token, len(found))
    return found


def with_pre_tokenizer(tokenizer, name):
    """The same vocabulary with other pieces."""
    parsed = json.loads(tokenizer.to_str())
    parsed["pre_tokenizer"] = PRE_TOKENIZERS[name]
    return Tokenizer.from_str(json.dumps(parsed))


def byte_offsets(text, offsets):
    """Offsets in characters as offsets in bytes."""
    starts = [0]
    for character in text:
        starts.append(starts[-1] + len(character.encode()))
    return [[starts[first], starts[last]] for first, last in offsets]


def pieces(text, **options):
    """A model of sentencepiece, trained on a text, that changes nothing in it."""
    model = io.BytesIO()
    options = {"normalization_rule_name": "identity", "remove_extra_whitespaces": False, **options}
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(text.replace("\r", "").split("\n")), model_writer=model, hard_vocab_limit=False,
        minloglevel=2, **options)
    return sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())


def fields(message):
    """The fields of a message of protocol buffers: number and content, numbers left out."""
    place = 0

    def number():
        nonlocal place
        value = shift = 0
        while True:
            byte = message[place]
            place += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while place < len(message):
        key = number()
        if key & 7 == 0:
            number()
        elif key & 7 == 2:
            size = number()
            yield key >> 3, message[place:place + size]
            place += size
        else:
            place += 8 if key & 7 == 1 else 4


def charsmap(**options):
    """sentencepiece's table of a normalization, in base64 as `tokenizer.json` holds it."""
    options = {"normalization_rule_name": "", **options}
    processor = pieces("some words that are only here for a model to be made\n" * 9, vocab_size=60, **options)
    normalizer = next(content for key, content in fields(processor.serialized_model_proto()) if key == 3)
    return base64.b64encode(next(content for key, content in fields(normalizer) if key == 2)).decode()
