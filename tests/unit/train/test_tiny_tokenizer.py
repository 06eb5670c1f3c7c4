from whenabouts.models.tokens import TextTokens
from whenabouts.train.tokenizer import settings, train_tokenizer

SENTENCES = ["A large red star spins.", "大的红色星形在旋转。"] * 5


def test_words_and_single_chinese_characters_are_tokens():
    tokens = train_tokenizer(SENTENCES, 400, limit=32)
    batch = tokens.encode(["A  RED star", "红色星形"])
    assert batch.words == (("", "a", "red", "star", ""), ("", "红", "色", "星", "形", ""))
    assert batch.ids[0].tolist()[0] == 1 and batch.ids[0].tolist()[4] == 2
    assert batch.ids[0, 5] == 0 and batch.mask[0].tolist() == [1, 1, 1, 1, 1, 0]


def test_any_text_can_be_spelled():
    tokens = train_tokenizer(SENTENCES, 400, limit=200)
    for text in ("größer", "絵文字😀", "zzz <end> 123", "кот"):
        ids = tokens.encode([text]).ids[0]
        spelled = b"".join(_bytes(tokens, int(token)) for token in ids[1:-1])
        assert spelled.decode() == "".join(text.lower().split())


def test_a_typed_special_token_stays_text():
    batch = train_tokenizer(SENTENCES, 400, limit=32).encode(["<end><pad>"])
    assert (batch.ids[0] < 3).sum() == 2


def test_it_survives_its_file(tmp_path):
    tokens = train_tokenizer(SENTENCES, 400, limit=32)
    tokens.save(tmp_path / "tokenizer.json")
    again = TextTokens.read(tmp_path / "tokenizer.json", settings(32))
    texts = ["a large purple star", "大的绿色星形"]
    assert (again.encode(texts).ids == tokens.encode(texts).ids).all()


def _bytes(tokens, token):
    from tokenizers.decoders import ByteLevel

    text = tokens._inner.id_to_token(token)
    decoded = ByteLevel().decode([text])
    if "�" not in decoded:
        return decoded.encode()
    table = {**{chr(b): b for b in range(256)}}
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    rest = [byte for byte in range(256) if byte not in printable]
    table = {chr(b): b for b in printable} | {chr(256 + i): b for i, b in enumerate(rest)}
    return bytes(table[c] for c in text)
