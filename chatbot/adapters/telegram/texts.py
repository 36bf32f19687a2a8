"""What the bot says of itself, in English and in Chinese. A bot file may say it otherwise."""

from collections.abc import Mapping
from typing import Literal, get_args

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

TEXTS: dict[Language, dict[str, str]] = {
    "en": {
        "start": "Hello! I am {name}. Write to me, and I answer. /help shows what else I can do.",
        "help": (
            "/new - start over\n/undo - take back your last message\n/retry - another answer\n"
            "/why - why I said that\n/language - English or Chinese\n/privacy - what I keep\n"
            "/export - get your messages as a file\n/forget - have me forget you\n/version - which model answers"
        ),
        "consent": "I keep our conversation, to follow it and to learn: /privacy tells more, /forget deletes it.",
        "privacy": (
            "I run on my owner's own machine. I keep what you write to me and what I answer, with the times, so that I "
            "can follow our conversation; a later version of me may learn from it. I do not keep what others say in "
            "groups unless they speak to me. /export gives you all of yours, /forget deletes it for good."
        ),
        "consent_unkept": "I keep nothing of our conversation: /privacy tells more, /forget has me forget it at once.",
        "privacy_unkept": (
            "I run on my owner's own machine. I write nothing of what you say anywhere: I remember it only as long as "
            "I run, so that I can follow our conversation. /export gives you all of yours, /forget has me forget it "
            "at once."
        ),
        "new": "A new conversation: I no longer see what we said so far.",
        "undone": "Your last message and my answer are gone.",
        "nothing": "There is nothing to do that with yet.",
        "busy": "Too many people are talking to me right now. Please try again in a minute.",
        "failed": "Something went wrong, and I could not answer. Please try again.",
        "silent": "...",
        "sticker": "A sticker! I can only read text.",
        "voice": "I cannot listen to voice messages, I can only read text.",
        "photo": "I cannot see pictures, I can only read text.",
        "other": "I can only read text.",
        "show": "Show me a picture, and I tell you what is on it.",
        "unseen": "I could not look at this picture.",
        "forget": "Shall I delete everything I keep of you, for good?",
        "forget_yes": "Yes, delete it",
        "forget_no": "No, keep it",
        "forgotten": "Done: I have forgotten you, {turns} turns in all. Receipt {number}.",
        "kept": "Nothing was deleted.",
        "language": "Which language?",
        "spoken": "From now on I speak English about myself.",
        "version": "Version {version} of {name}.",
        "export": "All that I keep of your words.",
        "unexplained": "I cannot show why.",
        "thanks": "Thank you!",
        "unknown": "I do not know this command. /help shows those I know.",
        "owners": "Only my owner can do that.",
        "stats": "{people} people, {conversations} conversations, {turns} turns; 👍 {good} 👎 {bad}; {waiting} waiting",
        "blocked": "Blocked: {person}",
        "unblocked": "Unblocked: {person}",
        "nobody": "I know nobody of that number.",
        "broadcast": "On its way to {chats} chats.",
        "usage": "What? Write it behind the command.",
    },
    "zh": {
        "start": "你好！我是{name}。给我发消息，我就会回复。发 /help 看看我还会什么。",
        "help": (
            "/new - 重新开始\n/undo - 撤回上一条消息\n/retry - 换个回答\n/why - 我为什么这么说\n"
            "/language - 中文或英文\n/privacy - 我保存什么\n/export - 把你的消息导出成文件\n"
            "/forget - 让我忘掉你\n/version - 现在是哪个版本"
        ),
        "consent": "为了接上话并从中学习，我会保存我们的对话：详情见 /privacy，删除用 /forget。",
        "privacy": (
            "我运行在主人自己的机器上。我会保存你发给我的话、我的回答和时间，这样才能接上我们的对话；"
            "以后的版本也可能从中学习。群里别人没对我说的话，我不保存。发 /export 可以拿到你的全部内容，"
            "发 /forget 就永久删除。"
        ),
        "consent_unkept": "我不保存我们的对话，只在运行时记住：详情见 /privacy，马上忘掉用 /forget。",
        "privacy_unkept": (
            "我运行在主人自己的机器上。你说的话我不写到任何地方，只在运行时记住，这样才能接上我们的对话。"
            "发 /export 可以拿到你的全部内容，发 /forget 我马上忘掉。"
        ),
        "new": "新的对话开始了：之前说的我都不看了。",
        "undone": "你的上一条消息和我的回答已经删掉了。",
        "nothing": "现在还没有可以这样做的内容。",
        "busy": "现在找我聊天的人太多了，请过一分钟再试。",
        "failed": "出了点问题，我没能回答。请再试一次。",
        "silent": "……",
        "sticker": "贴纸！可惜我只看得懂文字。",
        "voice": "我听不了语音，只看得懂文字。",
        "photo": "我看不了图片，只看得懂文字。",
        "other": "我只看得懂文字。",
        "show": "发张图片给我，我来说说上面有什么。",
        "unseen": "这张图片我看不了。",
        "forget": "要我把保存的关于你的一切永久删除吗？",
        "forget_yes": "是的，删除",
        "forget_no": "不，留着",
        "forgotten": "好了：我已经忘了你，一共删除 {turns} 条。回执 {number}。",
        "kept": "什么都没有删除。",
        "language": "用哪种语言？",
        "spoken": "以后我用中文介绍自己。",
        "version": "{name}，版本 {version}。",
        "export": "这是我保存的你说过的全部内容。",
        "unexplained": "我说不出原因。",
        "thanks": "谢谢！",
        "unknown": "我不认识这个命令。发 /help 看看我认识哪些。",
        "owners": "只有我的主人可以这样做。",
        "stats": "{people} 人，{conversations} 个对话，{turns} 条；👍 {good} 👎 {bad}；{waiting} 个在等",
        "blocked": "已屏蔽：{person}",
        "unblocked": "已解除屏蔽：{person}",
        "nobody": "我不认识这个编号的人。",
        "broadcast": "正在发往 {chats} 个聊天。",
        "usage": "什么？请写在命令后面。",
    },
}

COMMANDS: dict[Language, dict[str, str]] = {
    "en": {
        "start": "say hello", "help": "what I can do", "new": "start over", "undo": "take back your last message",
        "retry": "another answer", "why": "why I said that", "language": "English or Chinese",
        "privacy": "what I keep", "export": "get your messages as a file", "forget": "have me forget you",
        "version": "which model answers",
    },
    "zh": {
        "start": "打个招呼", "help": "我会什么", "new": "重新开始", "undo": "撤回上一条消息", "retry": "换个回答",
        "why": "我为什么这么说", "language": "中文或英文", "privacy": "我保存什么", "export": "导出你的消息",
        "forget": "让我忘掉你", "version": "现在是哪个版本",
    },
}  # fmt: skip


class Texts:
    """The texts of a bot, by language; of a bot that ``keeps`` nothing, those that say so."""

    def __init__(self, default: Language, own: Mapping[Language, dict[str, str]], keeps: bool = True) -> None:
        self._default, self._keeps = default, keeps
        self._texts = {language: {**texts, **own.get(language, {})} for language, texts in TEXTS.items()}

    def language(self, code: str | None) -> Language:
        """Return the language for a person's own (an IETF tag)."""
        prefix = (code or "").partition("-")[0].lower()
        return as_language(prefix) or self._default

    def say(self, key: str, language: Language, **facts: object) -> str:
        """Return a text."""
        texts = self._texts[language]
        text = texts[key] if self._keeps else texts.get(f"{key}_unkept", texts[key])
        for name, value in facts.items():  # what a person wrote into a bot file is no format string
            text = text.replace("{" + name + "}", str(value))
        return text


def as_language(name: str) -> Language | None:
    """Return the language of a name, if there is one."""
    return next((one for one in LANGUAGES if one == name), None)
