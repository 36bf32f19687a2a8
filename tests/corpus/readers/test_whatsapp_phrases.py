"""What WhatsApp wrote, and what people typed that looks like it."""

from pathlib import Path

import pytest

from chatbot.corpus.readers import Tally
from tests.corpus.readers.test_whatsapp import read, texts


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<Media omitted>", "media"), ("<省略多媒体文件>", "media"), ("<忽略多媒體檔>", "media"), ("<Без медиафайлов>",
        "media"),
        ("<Medien ausgeschlossen>", "media"), ("<Médias omis>", "media"), ("<Multimedia omitido>", "media"),
        ("<Mídia oculta>", "media"), ("<Media omessi>", "media"), ("<メディアなし>", "media"), ("<미디어 파일 제외됨>",
        "media"),
        ("\u200eGIF omitted", "media"), ("\u200e圖片已略去", "media"), ("图像已忽略", "media"),
        ("\u200eBild weggelassen", "media"),
        ("\u200eContact card omitted", "media"), ("\u200e<attached: 00000042-PHOTO-2021-01-01-00-05-00.jpg>", "media"),
        ("\u200e<附件：00000003-PHOTO-2024-03-05-21-44-12.jpg>", "media"), ("<已附加: 00000003-AUDIO-2024.opus>",
        "media"),
        ("\u200e<Anhang: 00000021-VCARD.vcf>", "media"), ("IMG-20210101-WA0001.jpg (文件附件)", "media"),
        ("notes.pdf (attached)", "media"), ("\u200emy own notes.pdf (文件附件)", "media"),
        ("my own notes.pdf (file attached)", "media"), ("localização em tempo real compartilhada", "media"),
        ("投票：\n去哪里？\n选项：北边（1 票）\n选项：南边（0 票）", "media"),
        ("\u200ePTT-20210101-WA0001.opus (irgendein Anhang)", "media"), ("Mira.vcf (Datei angehängt)", "media"),
        ("This message was deleted", "deleted"), ("You deleted this message", "deleted"), ("此消息已删除", "deleted"),
        ("\u200eThis message was deleted by admin Otto.", "deleted"), ("此訊息已刪除。", "deleted"),
        ("Данное сообщение удалено", "deleted"), ("Diese Nachricht wurde gelöscht.", "deleted"),
        ("Se eliminó este mensaje.", "deleted"), ("このメッセージは削除されました", "deleted"),
        ("\u200eMissed voice call, \u200eTap to call back", "system"), ("\u200e未接语音通话", "system"),
        ("Missed video call", "system"), ("Waiting for this message. This may take a while.", "system"),
        ("<View once voice message omitted>", "media"),
        ("Messages and calls are end-to-end encrypted. Only people in this chat ...", "system"),
        ("Сообщения и звонки защищены сквозным шифрованием.", "system"), ("\u200eOtto joined using a link", "system"),
        ("\u200ePOLL:\nWhere?\n\u200eOPTION: north (\u200e1 vote)\n\u200eOPTION: south (\u200e0 votes)", "media"),
        ("\u200eLocation: https://maps.google.com/?q=47.1,8.2", "media"), ("null", "empty"), (" \u200f ", "empty"),
    ],
)  # fmt: skip
def test_what_the_application_wrote_is_left_out(tmp_path: Path, text: str, reason: str) -> None:
    tally = Tally()
    assert texts(read(tmp_path, f"[13.04.24, 10:00:00] Mira: {text}\n[13.04.24, 10:00:01] Mira: hi", tally)) == [
        ("Mira", "hi")
    ]
    assert tally.skipped == {reason: 1}


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("这家店 \u200e<这条消息已经过编辑>", "这家店"), ("so <Diese Nachricht wurde bearbeitet.>", "so"),
        ("<Media omitted>\nlook", "look"), ("<Medien ausgeschlossen>\n\nzwei\nZeilen", "zwei\nZeilen"),
        ("look \u200eimage omitted", "look"), ("a picture: image omitted", "a picture: image omitted"),
        ("look <at me>", "look <at me>"), ("<html>", "<html>"), ("two\u00a0words\u202fhere",
        "two\u00a0words\u202fhere"),
        ("\U0001f469\u200d\U0001f680 a\u2028b\x85c", "\U0001f469\u200d\U0001f680 a\u2028b\x85c"),
        ("see notes.txt (my copy)", "see notes.txt (my copy)"), ("here: https://maps.google.com/?q=1,2 ok", None),
        ("I said: this message was deleted", None), ("poll: who comes?", None),
        ("投票：\n周六爬山\n周日看电影", None), ("Poll:\ntea\ncoffee", None), ("see report.pdf (attached)", None),
        ("Missed voice call from you, sorry", None),
        ("1/1/2024, 10:00 - Otto: pasted", None),
    ],
)  # fmt: skip
def test_what_a_person_typed_is_kept(tmp_path: Path, text: str, kept: str | None) -> None:
    tally = Tally()
    assert texts(read(tmp_path, f"[13.04.24, 10:00:00] Mira: {text}\n", tally)) == [("Mira", kept or text)]
    assert not tally.skipped


@pytest.mark.parametrize(
    "notice",
    [
        'Mira changed the subject to "a: b"', "Mira changed the subject from “x” to “a: b”", "您将主题更改为“a: b”",
        "Mira hat den Gruppennamen zu „a: b“ geändert", "Mira a changé le sujet en « a : b »",
        "Mira ändrade ämnet till ”a: b”",
        "Miraがグループ名を「a: b」に変更しました", "Mira changed the group description to a: b",
    ],
)  # fmt: skip
def test_a_notice_that_quotes_a_name_with_a_colon_is_no_message(tmp_path: Path, notice: str) -> None:
    tally = Tally()
    log = f"13/04/24, 10:00 - Mira: hi\n13/04/24, 10:01 - {notice}\n13/04/24, 10:02 - Mira: “hello: you\n"
    assert texts(read(tmp_path, log, tally)) == [("Mira", "hi\n“hello: you")]
    assert tally.skipped == {"system": 1}


@pytest.mark.parametrize("name", ["Mira Maria de la Cruz Lopez", "Mira (Mum of Tom in 4b)", 'Tom "TJ', "Rob 6'2\""])
def test_who_says_little_is_heard_whatever_the_name(tmp_path: Path, name: str) -> None:
    log = "".join(f"13/04/24, 10:0{minute} - Mira: hi\n" for minute in (0, 1)) + f"13/04/24, 10:02 - {name}: me too\n"
    assert texts(read(tmp_path, log)) == [("Mira", "hi\nhi"), (name, "me too")]
