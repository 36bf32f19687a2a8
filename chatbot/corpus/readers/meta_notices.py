"""Sentences that Messenger and Instagram write in a person's name, and why they are left out.

Most begin with the sender's own name or with "you" in the language of the account, which people do not type about
themselves; the others are whole sentences. A sentence in a language that is missing here stays a text.
"""

import re

_LONGEST = 400
_YOU = re.compile(
    "You|Du hast|Du|Sie haben|Vous avez|Tu as|Has|Você|Hai|Je hebt|Вы|Ty|Bạn|Anda|Kamu|あなた|회원(?=님)|[你您]"
    "|(?=Enviaste |Anulaste |Cancelaste |Wysłałeś|Wysłałaś|Bir ek )"
)
"""In some languages the verb alone says that it was you."""
_APART = re.compile(r"\s|さん|님")
"""Parts a name from what its bearer did; in Chinese nothing does, and only what is listed here is a notice."""
_ATTACHMENT = r"""
sent (?:an?|\d{1,3}) (?:attachment|photo|video|link|GIF|sticker|file|contact|post|reel|story|song)s?\.?
sent (?:an?|\d{1,3}) (?:voice message|voice clip|audio|location|live location|product)s?\.?
shared (?:an?|\d{1,3}) (?:photo|video|link|post|reel|story|location|contact|file)s?\.?
(?:hat )?einen Anhang gesendet\.
(?:a )?envoyé (?:une|un|\d{1,3}) (?:pièce jointe|photo|vidéo|lien|GIF|autocollant|fichier|message vocal)s?\.
(?:envió|[Ee]nviaste|enviado) un (?:archivo )?adjunto\.
(?:enviou|Enviaste) um anexo\.
(?:ha )?inviato un allegato\.
skickade en bilaga\.
(?:heeft )?een bijlage verzonden\.
sendte en vedhæftet fil\.
sendte et vedlegg\.
[Ww]ysła(?:ł|ła|ł\(a\)|łeś|łaś|łeś\(aś\)) załącznik\.
отправил(?:а|и|\(-а\)|\(а\))? вложение\.
[Bb]ir ek gönderdin?\.
đã gửi (?:một )?(?:file|tệp) đính kèm\.
mengirim lampiran\.
(?:さん)?が添付ファイルを送信しました。
님이 첨부 파일을 보냈습니다\.
已?(?:发送|發送|傳送|传送|送出)了?(?:[一\d]{1,3} ?[个個张張条條])?(?:附件|照片|视频|影片|链接|連結|贴图|貼圖)。?
"""
_UNSENT = r"""
unsent a message\.?
(?:hat )?eine Nachricht zurückgerufen\.
(?:a )?annulé l[’']envoi d[’']un message\.?
(?:anuló|[Aa]nulaste) el envío de un mensaje\.?
(?:cancelou|Cancelaste) o envio de uma mensagem\.?
已?(?:撤回|收回|取消傳送|取消发送)了?(?:一条|一則|1 条|1 則)?(?:消息|訊息)。?
(?:さん)?がメッセージの送信を取り消しました。?
"""
_SYSTEM = r"""
(?:is|are) now connected on Messenger\.?
named the group .{1,200}\.
removed the group name\.
changed the (?:group photo|group name|chat theme|chat colou?rs|theme|quick reaction)(?: to .{1,200})?\.
set the (?:nickname for|emoji to|quick reaction to|chat theme to) .{1,200}\.
set (?:your|his own|her own|their own) nickname to .{1,200}\.
cleared (?:the|your|his own|her own) nickname(?: for .{1,200})?\.
created the group\.
created a (?:poll|plan)(?:: .{1,200}|\.)
added .{1,200} to the group\.
removed .{1,200} from the group\.
(?:left|joined) the (?:group|call|video chat|audio call|video call)\.
(?:started|ended|missed) (?:a|an|the|your) (?:audio |video |group |voice )?(?:call|chat)(?: (?:with|from) .{1,200})?\.?
turned (?:on|off) disappearing messages\.?.{0,200}
(?:pinned|unpinned) a message\.
(?:voted for|changed vote to|removed vote for) .{1,100} in the poll.{0,200}
made .{1,200} an? (?:group )?admin\.
(?:added|removed) .{1,200} as an? (?:group )?admin\.
turned (?:on|off) member approval.{0,200}\.
reacted .{1,40} to (?:your|his|her|their|a|the) message\.?
liked a message\.?
waved at (?:you|each other)[.!]?
mentioned you in (?:their|his|her) story\.?
started sharing (?:video|their location|location)\.
(?:hat )?mit .{1,40} auf (?:deine|Ihre) Nachricht reagiert\.?
ist jetzt auf Messenger\.?.{0,80}
(?:hat )?die Gruppe (?:erstellt|verlassen|.{1,200} genannt)\.
(?:hat )?.{1,200} (?:zur Gruppe hinzugefügt|aus der Gruppe entfernt)\.
(?:hat )?einen (?:Anruf|Audioanruf|Videoanruf|Videochat) von .{1,200} verpasst\.
(?:a )?(?:quitté|rejoint|créé) le groupe\.
(?:a )?(?:nommé|renommé) le groupe .{1,200}\.
(?:a )?ajouté .{1,200} au groupe\.
(?:a )?(?:retiré|supprimé) .{1,200} du groupe\.
(?:a )?(?:changé|modifié) (?:la photo|le nom) du groupe.{0,200}\.
(?:a )?réagi .{1,40} à (?:votre|ton|son|un) message\.?
est maintenant connecté\(?e?\)? sur Messenger\.?
se conectó a Messenger\.?
(?:creó|creado) el grupo\.
(?:nombró|nombrado) (?:el|al) grupo .{1,200}\.
(?:salió|salido) del grupo\.
(?:ha )?(?:creato|abbandonato|lasciato) il gruppo\.
(?:现在|現在)?已(?:加入|登入|連上) ?Messenger。?
(?:退出|离开|離開|加入)了(?:群组|群組|群聊)。?
(?:创建|建立)了(?:群组|群組|群聊)。?
已?[将將把]群[组組聊](?:重?命名|更名)[为為].{1,200}。
已?(?:更改|变更|變更|更换|更換)了?群[组組聊]的?(?:照片|相片|头像|頭像|名称|名稱)。?
已?[将將把].{1,200}(?:添加|加入|新增)了?[到至]?群[组組聊]。?
已?[将將把].{1,200}(?:移出|移除)了?群[组組聊]。?
已?[将將把](?:聊天)?主[题題](?:更改|变更|變更|更换|更換|设置|設定)[为為成].{1,200}。
(?:发起|發起|开始|開始)了(?:语音|語音|视频|視頻|視訊)(?:聊天|通话|通話)。
[错錯][过過]了.{1,200}的(?:语音|語音|视频|視訊)?(?:来电|來電|通话|通話)。?
"""
_WHOLE = r"""
Liked a message\.?
Reacted .{1,40} to (?:your|his|her|their|a|the) message\.?
Click for (?:audio|video)
The (?:audio call|video call|video chat|group call|call) (?:has )?ended\.
(?:Audio|Video) (?:call|chat) ended\.?
Der (?:Anruf|Audioanruf|Videoanruf|Videochat) ist beendet\.
(?:语音|語音|视频|視頻|視訊)(?:聊天|通话|通話)已[结結]束。
You can now (?:message and )?call each other and see (?:info|information) like .{1,100}
Say hi to your new Facebook friend, .{1,100}
This poll is no longer available\.
Messages and calls are secured with end-to-end encryption\..{0,200}
Gefällt eine Nachricht|Hat eine Nachricht mit .{1,20} markiert
Hat mit .{1,40} auf (?:deine|Ihre) Nachricht reagiert
A (?:aimé|liké) un message
A réagi .{1,40} à (?:votre|ton) message
Le gustó un mensaje|Indicó que le gusta un mensaje
Reaccionó con .{1,40} a tu mensaje
Curtiu uma mensagem
Reagiu com .{1,40} à sua mensagem
Ha messo [\"“]?Mi piace[\"”]? a un messaggio
Ha reagito con .{1,40} al tuo messaggio
Gillade ett meddelande
Reagerade med .{1,40} på ditt meddelande
メッセージに「いいね！」しました
(?:点赞|赞)了一?条?消息|對(?:一則|你的)?訊息按讚
(?:对|對)(?:你|您)的(?:消息|訊息)(?:做出|作出|留下|傳達)了? ?.{1,20}(?:回应|回應|心情)
用 ?.{1,12} ?(?:回应|回應)了(?:你|您)的(?:消息|訊息)
"""


def _any(patterns: str) -> re.Pattern[str]:
    """Return what fits where one of the lines does."""
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns.split("\n") if pattern), re.DOTALL)


_BY_REASON = (("media", _any(_ATTACHMENT)), ("deleted", _any(_UNSENT)), ("system", _any(_SYSTEM)))
_WHOLE_SENTENCE = _any(_WHOLE)


def notice_reason(text: str, speaker: str, *, media: bool) -> str:
    """Return why ``text``, sent by ``speaker``, with media or without, is none that was typed; nothing if it was."""
    if len(text) > _LONGEST:
        return ""
    if _WHOLE_SENTENCE.fullmatch(text):
        return "system"
    you, named = _YOU.match(text), bool(speaker) and text.startswith(speaker)
    for begins in ([len(speaker)] if named else []) + ([you.end()] if you else []):
        said = text[begins:].strip()
        reason = next((reason for reason, pattern in _BY_REASON if pattern.fullmatch(said)), "")
        if reason:
            return reason
    # In whatever language it is: the sender's full name, and what was sent beside it.
    beside = named and media and text.endswith((".", "。")) and _APART.match(text, len(speaker))
    return "media" if beside else ""
