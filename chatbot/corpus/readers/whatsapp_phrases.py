"""What WhatsApp writes into a log in place of a text, in the languages of its users."""

import re

from chatbot.corpus.readers.reader import tidy


def _phrases(*lines: str) -> frozenset[str]:
    return frozenset(phrase.strip().casefold() for line in lines for phrase in line.split("|"))


# Android, in angle brackets
_MEDIA = _phrases(
    "media omitted|view once message omitted|view once voice message omitted",
    "view once photo omitted|view once video omitted",
    "image omitted|video omitted|video note omitted|audio omitted|document omitted|sticker omitted",
    "省略多媒体文件|忽略多媒體檔|忽略多媒體檔案|已省略多媒體檔案|省略影音内容|媒体文件已省略|メディアなし",
    "メディアは含まれていません|미디어 파일 제외됨|미디어 파일을 생략한 대화내용|без медиафайлов|файл пропущен",
    "медиафайл пропущен|медиафайлы пропущены|медиа отсутствует|медіа пропущено|без файл|без файлови|без фајл",
    "медији су изостављени|файл қосылған жоқ|medien ausgeschlossen|medien weggelassen|médias omis|fichier omis",
    "média manquante|multimedia omitido|archivo omitido|archivos omitidos|media omessi|media omesso|mídia oculta",
    "mídia omitida|arquivo de mídia oculto|ficheiro não revelado|ficheiros não revelados",
    "fitxers multimèdia omesos|mitjans omesos|media weggelaten|media weggelaat|pominięto multimedia",
    "pliki pominięto|média vynechány|média vynechána|médiá vynechané|datoteke izpuščene|medij izpuščen",
    "medijski zapis izostavljen|médiafájl kihagyva|média elhagyva|hiányzó médiafájl|conținut media omis",
    "medier udeladt|mediefil udeladt|media utelatt|uten vedlegg|media utelämnat|media har utelämnats",
    "mediet har utelämnats|media jätettiin pois|media jätetty pois|meedia välja jäetud|meedia ära jäetud",
    "medija praleista|praleistas medijos turinys|nav iekļauta multivide|bez multivides|media u hoq|media hequr",
    "medya dahil edilmedi|medya atlanmış|media buraxıldı|media çıxarılmışdır|fayl o‘tkazib yuborildi",
    "media tidak disertakan|media dikecualikan|media disingkirkan|walang kalakip na media|inalis ang media",
    "bỏ qua tệp phương tiện|bỏ qua media|media hazijajumuishwa|media imerukwa|pa media|εξαίρεση πολυμέσων",
    "αρχείο παραλήφθηκε|המדיה לא נכללה|מדיה הושמטה|המדיה הוסרה|تم استبعاد الوسائط|رسانه حذف شد",
    "پيوست نما/آهنگ حذف شد|میڈیا چھوڑ دیا گیا|میڈیا ہٹا دیا گیا|मीडिया के बिना|मीडिया वगळले|मीडिया वगळण्यात आला",
    "মিডিয়া বাদ দেওয়া হয়েছে|મીડિયા અવગણવામાં આવ્યા|મીડિયા અવગણાયું|ਮੀਡੀਆ ਛੱਡਿਆ|ਮੀਡੀਆ ਛੱਡਿਆ ਗਿਆ|கோப்புகள் விடப்பட்டன",
    "ஊடகங்கள் நீக்கப்பட்டது|మీడియా విస్మరించబడింది|మాధ్యమం విస్మరించబడింది|ಮಾಧ್ಯಮ ಕೈಬಿಡಲಾಗಿದೆ|ಮೀಡಿಯಾ ಕೈಬಿಡಲಾಗಿದೆ",
    "മീഡിയ ഒഴിവാക്കി|ไฟล์สื่อถูกลบ|สื่อถูกลบ|ບໍ່ລວມມີເດຍ",
)
# iPhone
_OMITTED = _MEDIA | _phrases(
    "GIF omitted|contact card omitted|view once message omitted|video message omitted|voice message omitted",
    "图像已忽略|图像已省略|图片已忽略|照片已忽略|视频已忽略|音频已忽略|贴图已省略|贴图已忽略|动图已忽略",
    "GIF 动态图已被忽略|文档已省略|文件已忽略|联系人卡片已忽略|圖片已略去|圖像已省略|影片已略去|影片已省略",
    "音訊已略去|音訊已省略|貼圖已略去|貼圖已忽略|GIF 已略去|GIF 圖片已被省略|文件已略去|文件已省略",
    "聯絡人卡片已略去|聯絡人卡片已省略|画像は含まれていません|ビデオは含まれていません|動画は含まれていません",
    "音声は含まれていません|スタンプは含まれていません|GIFは含まれていません|ドキュメントは含まれていません",
    "連絡先カードを省略|이미지 생략됨|비디오 생략됨|동영상 생략됨|오디오 생략됨|스티커 제외됨|GIF 생략됨",
    "문서 생략됨|연락처 카드 생략됨|изображение отсутствует|видео отсутствует|аудиофайл отсутствует",
    "стикер не добавлен|GIF отсутствует|документ отсутствует|карточка контакта отсутствует|зображення відсутнє",
    "відео відсутнє|аудіо відсутнє|наклейку не додано|документ пропущено|Bild weggelassen|Video weggelassen",
    "Audio weggelassen|Sticker weggelassen|GIF weggelassen|Dokument weggelassen|Kontaktkarte ausgelassen",
    "image absente|vidéo absente|audio omis|sticker omis|GIF retiré|document manquant|document omis",
    "fiche contact manquante|imagen omitida|video omitido|audio omitido|sticker omitido|GIF omitido",
    "documento omitido|tarjeta de contacto omitida|immagine omessa|video omesso|audio omesso|sticker non incluso",
    "GIF esclusa|documento omesso|scheda contatto omessa|imagem ocultada|imagem omitida|vídeo omitido",
    "áudio ocultado|figurinha omitida|GIF omitida|cartão do contato omitido|imagem não revelada",
    "vídeo não revelado|ficheiro de áudio não revelado|sticker não revelado|GIF não revelada",
    "documento não revelado|contacto não revelado|afbeelding weggelaten|video weggelaten|audio weggelaten",
    "sticker weggelaten|GIF weggelaten|document weggelaten|visitekaartje weggelaten|obraz pominięty",
    "wideo pominięte|audio pominięte|pominięto naklejkę|plik GIF pominięty|dokument pominięty|obrázek vynechán",
    "video vynecháno|nálepka vynechána|GIF vynechán|dokument vynechán|bild utesluten|video utesluten",
    "ljud uteslutet|billede udeladt|video udeladt|lyd udeladt|klistermærke udeladt|bilde ikke inkludert",
    "video utelatt|lyd utelatt|ei kuvaa|videota ei sisällytetä|görüntü dahil edilmedi|video dahil edilmedi",
    "ses dahil edilmedi|çıkartma dahil edilmedi|GIF dahil edilmedi|belge dahil edilmedi|gambar tidak disertakan",
    "video tidak disertakan|audio tidak disertakan|stiker tidak disertakan|GIF tidak disertakan",
    "dokumen tidak disertakan|đã bỏ qua hình ảnh|đã bỏ video|đã bỏ sticker|imagine omisă|clip video omis",
    "kép küldése sikertelen|slika izostavljena|imatge omesa|εικόνα παραλείφθηκε|βίντεο παραλείφθηκε|התמונה הושמטה",
    "סרטון הווידאו הושמט|קטע קול הושמט|סטיקר הושמט|لم يتم إدراج الصورة|لم يتم إدراج الفيديوهات",
    "لم يتم إدراج المقاطع الصوتية|تم حذف الملصقات|फ़ोटो हटाई गई|वीडियो छोड़ा गया|ไม่มีรูปภาพ|วิดีโอถูกลบ",
    "live location shared|live-standort wird geteilt|localisation en direct partagée",
    "ubicación en tiempo real compartida|共享实时位置|實時位置已分享|геоданные отправлены",
    "localização atual compartilhada|localização em tempo real compartilhada|posizione attuale condivisa",
)
# Android behind a file's name, iPhone in front of it
_ATTACHED = _phrases(
    "file attached|attached|文件附件|附件檔案|附件|已附加|添付ファイル有り|添付ファイル|파일 첨부됨|첨부됨",
    "файл добавлен|прикреплено|файл додано|додано|прикачен файл|Datei angehängt|angehängt|Anhang|fichier joint",
    "pièce jointe|archivo adjunto|archivo adjuntado|adjunto|file allegato|allegato|arquivo anexado",
    "ficheiro anexado|anexado|anexo|arxiu adjunt|adjunt|bestand bijgevoegd|bijgevoegd|załączony plik",
    "plik załączony|załączono|soubor byl přiložen|súbor pripojený|příloha|príloha|priložena datoteka",
    "datoteka u privitku|priloženo|fájl csatolva|csatolva|fișier atașat|atașare|fil vedhæftet|vedhæftet",
    "vedlagt fil|vedlagt|bifogad fil|bifogat|liitetiedosto|liite|fail lisatud|byla prisegta|pievienots fails",
    "dosya ekli|dosya eklendi|eklendi|file terlampir|terlampir|fail dilampirkan|dilampir|tệp đính kèm|đính kèm",
    "συνημμένο αρχείο|επισυνάφθηκε|קובץ מצורף|מצורף|الملف مرفق|المُرفق|پیوست شد|پیوست|फ़ाइल अटैच की गई",
    "फाइल अटैच कर दी गई है|अटैच किया गया|ไฟล์ที่แนบ|แนบ|fayl biriktirildi|fayl əlavə olunub|lêer aangeheg",
    "faili limeambatanishwa|skedë e ngjitur",
)
_EDITED = _phrases(
    "this message was edited|这条消息已经过编辑|此消息已编辑|此訊息已編輯|此訊息已被編輯",
    "このメッセージは編集されました|수정된 메시지입니다|данное сообщение изменено|сообщение изменено",
    "це повідомлення змінено|diese nachricht wurde bearbeitet|ce message a été modifié|se editó este mensaje",
    "este mensaje fue editado|questo messaggio è stato modificato|mensagem editada|esta mensagem foi editada",
    "dit bericht is bewerkt|ta wiadomość została edytowana|bu mesaj düzenlendi|pesan ini diedit",
    "tin nhắn này đã được chỉnh sửa|tato zpráva byla upravena|det här meddelandet har redigerats",
    "denne besked blev redigeret|denne meldingen ble redigert|tätä viestiä muokattiin",
    "ez az üzenet szerkesztve lett|acest mesaj a fost editat|aquest missatge s'ha editat|هذه الرسالة تم تعديلها",
    "تم تعديل هذه الرسالة|הודעה זו נערכה",
)
_DELETED = _phrases(
    "this message was deleted|you deleted this message|message deleted|this message was deleted by an admin",
    "you deleted this message as admin|you deleted this message for everyone|此消息已删除|此消息已被删除",
    "这条消息已删除|这条消息已被删除|信息已删除|您已删除此消息|您已删除这条消息|你已删除这条消息|你删除了这条消息",
    "您删除了此消息|此訊息已刪除|此訊息已被刪除|這則訊息已被刪除|您已刪除此訊息|你已刪除此訊息",
    "このメッセージは削除されました|このメッセージを削除しました|이 메시지는 삭제되었습니다|삭제된 메시지입니다",
    "이 메시지를 삭제했습니다|삭제한 메시지입니다|данное сообщение удалено|сообщение удалено",
    "вы удалили данное сообщение|вы удалили это сообщение|це повідомлення було видалено",
    "ви видалили це повідомлення|diese nachricht wurde gelöscht|du hast diese nachricht gelöscht",
    "ce message a été supprimé|vous avez supprimé ce message|se eliminó este mensaje|este mensaje fue eliminado",
    "eliminaste este mensaje|questo messaggio è stato eliminato|hai eliminato questo messaggio|mensagem apagada",
    "esta mensagem foi apagada|você apagou esta mensagem|apagou esta mensagem|aquest missatge s'ha suprimit",
    "has suprimit aquest missatge|dit bericht is verwijderd|dit bericht werd verwijderd",
    "je hebt dit bericht verwijderd|u hebt dit bericht verwijderd|ta wiadomość została usunięta",
    "usunięto tę wiadomość|tato zpráva byla smazána|tato zpráva byla odstraněna|tuto zprávu jste smazal/a",
    "táto správa bola odstránená|ova je poruka izbrisana|ova poruka je izbrisana|izbrisali ste ovu poruku",
    "to sporočilo je bilo izbrisano|ez az üzenet törlésre került|törölted ezt az üzenetet",
    "acest mesaj a fost șters|ați șters acest mesaj|denne besked er blevet slettet|denne besked blev slettet",
    "du har slettet denne besked|du slettede denne besked|denne meldingen ble slettet|du slettet denne meldingen",
    "det här meddelandet raderades|detta meddelande raderades|du raderade det här meddelandet",
    "tämä viesti poistettiin|poistit tämän viestin|bu mesaj silindi|bu mesajı sildiniz|pesan ini dihapus",
    "pesan ini telah dihapus|anda menghapus pesan ini|anda telah menghapus pesan ini|mesej ini telah dipadam",
    "tin nhắn này đã bị xóa|tin nhắn này đã bị xoá|bạn đã xóa tin nhắn này|αυτό το μήνυμα διαγράφηκε",
    "διαγράψατε αυτό το μήνυμα|съобщението беше изтрито|ова порука је обрисана|הודעה זו נמחקה|מחקת הודעה זו",
    "מחקת את ההודעה הזו|تم حذف هذه الرسالة|لقد حذَفت هذه الرسالة|این پیام حذف شد|این پیام حذف شده است",
    "यह मैसेज डिलीट कर दिया गया है|यह संदेश हटा दिया गया है|यह संदेश मिटाया गया|आपने यह मैसेज डिलीट किया",
    "ข้อความนี้ถูกลบแล้ว|ข้อความนี้ถูกลบ|คุณได้ลบข้อความนี้|این پیام را حذف کردید|ujumbe huu ulifutwa",
)
_CALLS = _phrases(
    "missed voice call|missed video call|missed group voice call|missed group video call|silenced voice call",
    "silenced video call|未接语音通话|未接视频通话|未接語音通話|未接視像通話|未接視訊通話|音声通話不在着信",
    "ビデオ通話不在着信|부재중 전화|부재중 영상통화|пропущенный аудиозвонок|пропущенный видеозвонок",
    "verpasster sprachanruf|verpasster videoanruf|appel vocal manqué|appel vidéo manqué|llamada perdida",
    "llamada de voz perdida|videollamada perdida|chiamata vocale persa|videochiamata persa|chamada de voz perdida",
    "chamada de vídeo perdida|gemist spraakgesprek|gemiste spraakoproep|cevapsız sesli arama|正在等待此消息",
    "正在等待這則訊息|waiting for this message. this may take a while|正在等待此消息。这可能需要一些时间",
)
_NOTICE_BEGINNINGS = (
    "messages and calls are end-to-end encrypted|messages to this chat and calls are now secured"
    "|messages you send to this group are|messages you send to this chat|messages to this group are now secured"
    "|messages to yourself are end-to-end encrypted|消息和通话都进行端到端加密|消息和通话已进行端到端加密"
    "|您发送的信息和通话都会进行端对端的加密|你发送给自己的消息已进行端到端加密|訊息和通話經端對端加密"
    "|訊息與通話已受端對端加密保護|訊息已受端對端加密保護|您傳送的訊息和通話都會進行端對端的加密"
    "|メッセージと通話はエンドツーエンド暗号化されています|메시지와 전화는 종단간 암호화되어"
    "|메시지 및 전화는 종단간 암호화되어|сообщения и звонки защищены сквозным шифрованием"
    "|ваши сообщения и звонки защищены|повідомлення й дзвінки захищено"
    "|nachrichten und anrufe sind ende-zu-ende-verschlüsselt|nachrichten in diesem chat sowie anrufe sind jetzt"
    "|nachrichten, die du in diesem chat sendest|les messages et les appels sont chiffrés de bout en bout"
    "|los mensajes y las llamadas están cifrados de extremo a extremo"
    "|i messaggi e le chiamate sono crittografati end-to-end|as mensagens e as chamadas são protegidas"
    "|as mensagens e ligações são protegidas|as mensagens e chamadas são encriptadas"
    "|berichten en gesprekken worden end-to-end|wiadomości i połączenia są w pełni zaszyfrowane"
    "|mesajlar ve aramalar uçtan uca şifrelidir|pesan dan panggilan terenkripsi secara end-to-end"
    "|tin nhắn và cuộc gọi được mã hóa đầu cuối|zprávy a hovory jsou opatřeny koncovým šifrováním"
    "|zprávy a hovory jsou zabezpečené|ההודעות והשיחות מוצפנות מקצה|الرسائل والمكالمات مشفرة تمامًا بين الطرفين"
    "|मैसेजेस और कॉल्स एंड-टू-एंड एन्क्रिप्टेड हैं"
)
_NOTICE = re.compile("|".join(map(re.escape, _NOTICE_BEGINNINGS.split("|"))))
_OF_A_GROUP = re.compile(
    "subject|group|descri|topic|betreff|grup|beschreib|thema|sujet|objet|asunto|assunto|oggetto|onderwerp|groep"
    "|beschrijv|temat|opis|konu|açıkla|subjek|deskripsi|chủ đề|nhóm|mô tả|předmět|predmet|skupin|popis|emne|ämne"
    "|beskriv|aihe|ryhm|kuvau|tárgy|csoport|leírás|subiect|тем[аеу]|груп|опис|主[题題]|群|[说說]明|描述|グループ|件名"
    "|説明|그룹|주제|제목|설명|θέμα|ομάδ|περιγραφ|נושא|קבוצ|תיאור|موضوع|مجموع|وصف|گروه|توضیح|विषय|समूह|ग्रुप|विवरण|หัวข้อ|กลุ่ม|คำอธิบาย"
)
_POLLS = _phrases(
    "poll|投票|アンケート|투표|опрос|опитування|umfrage|sondage|encuesta|sondaggio|enquete|anket|peiling|ankieta"
)
_PLACES = _phrases(
    "location|位置|位置情報|위치|местоположение|standort|localisation|ubicación|posizione|localização|locatie",
    "konum|lokasi",
)
_NUMBERED = re.compile(r"[^<>:：\n]{1,40}[:：]\s?\d{8}-[^<>\n]{1,250}")
_CAMERA = re.compile(r"[A-Z]{3}-\d{8}-WA\d{4,6}\.\w{2,5} \([^()\n]{1,60}\)")
_NAMED = re.compile(r"(?P<file>[^\n]{1,250}\.\w{1,8}) [(（](?P<note>[^()（）\n]{1,60})[)）]")
_FILE = re.compile(r"[^\n]{1,250}\.\w{1,8}(?:\s•[^\n]{1,60})?")
_MAP = re.compile(r"([^:：\n]{1,40})[:：] ?https://maps\.google\.com/\?q=-?\d[^\s]*")
_OPTIONS = re.compile(r"\n([^\s:：\d]{2,20})[:：][^\n]*\n\1[:：]")
_MARK = "\u200e"


def is_notice_of_encryption(raw: str) -> bool:
    """Return whether a row is the notice with which nearly every log begins."""
    return _NOTICE.match(tidy(raw).casefold()) is not None


def tells_of_a_group(words: str) -> bool:
    """Return whether there is a word for a group or for what it has: notices on that quote what people type."""
    return _OF_A_GROUP.search(words.casefold()) is not None


def content(raw: str) -> tuple[str, str]:
    """Return the text of a person's message and why it is none: empty, or one of the reasons to leave it out.

    ``raw`` still has its direction marks: U+200E stands before what WhatsApp itself wrote.
    """
    rest, media = _without_media(raw)
    text = tidy(rest)
    if media:
        return ("", "media") if not text or _FILE.fullmatch(text) else (text, "")
    phrase = text.casefold().rstrip(".。 ")
    if phrase in _DELETED or phrase.startswith("this message was deleted by admin "):
        return "", "deleted"
    if ("\n" in text and _is_poll(text)) or _is_place(text):
        return "", "media"
    if phrase in _CALLS or _NOTICE.match(phrase) or raw.lstrip().startswith(_MARK):
        return "", "system"
    return ("", "empty") if phrase in {"", "null"} else (text, "")


def _without_media(raw: str) -> tuple[str, bool]:
    """Return a text without what stands for media or for an edit, and whether there was media."""
    first, _, rest = raw.partition("\n")
    media = _stands_for_media(first)
    raw, tagged = _without_tags(rest if media else raw)
    before, mark, phrase = raw.rpartition(_MARK)
    if mark and tidy(phrase).casefold() in _OMITTED:
        return before, True
    return raw, media or tagged


def _without_tags(raw: str) -> tuple[str, bool]:
    """Return a text without the tags at its end, such as <attached: ...> and <This message was edited>."""
    media = False
    for _ in range(3 if "<" in raw else 0):
        start = raw.rfind("<")
        if start < 0:
            break
        inner = tidy(raw[start + 1 :])
        if not inner.endswith(">"):
            break
        attached = _is_attachment(inner[:-1])
        phrase = inner[:-1].rstrip(".。 ").casefold()
        marked = raw[:start].endswith(_MARK)
        if not (attached or phrase in _EDITED or phrase in _OMITTED or marked):
            break
        media = media or attached or phrase in _OMITTED
        raw = raw[:start].removesuffix(_MARK)
    return raw, media


def _stands_for_media(raw: str) -> bool:
    line = tidy(raw)
    if line.casefold() in _OMITTED:
        return True
    if line.startswith("<") and line.endswith(">"):
        return line[1:-1].strip().casefold() in _MEDIA or _is_attachment(line[1:-1])
    return line.endswith((")", "）")) and _names_a_file(line, raw.lstrip().startswith(_MARK))


def _names_a_file(line: str, marked: bool) -> bool:
    """Tell whether a line is a file's name with a note; people, too, type that what they speak of is (attached)."""
    named = _NAMED.fullmatch(line)
    if named is None or named["note"].casefold() not in _ATTACHED:
        return _CAMERA.fullmatch(line) is not None
    return marked or " " not in named["file"] or " " in named["note"]


def _is_attachment(inner: str) -> bool:
    word = inner.replace("：", ":").partition(":")[0]
    return _NUMBERED.fullmatch(inner) is not None or (":" in inner.replace("：", ":") and word.casefold() in _ATTACHED)


def _is_poll(text: str) -> bool:
    head = text.partition("\n")[0]
    return head.endswith((":", "：")) and head.rstrip(":： ").casefold() in _POLLS and bool(_OPTIONS.search(text))


def _is_place(text: str) -> bool:
    found = _MAP.match(text) if "maps.google." in text else None
    return found is not None and found[1].casefold() in _PLACES
