"""Instagram's direct messages: "Download your information" in JSON."""

from typing import Literal

from chatbot.corpus.readers.meta_threads import MetaReader, owner, thread_shape


class InstagramReader(MetaReader):
    """``kind = "instagram"``."""

    kind: Literal["instagram"] = "instagram"

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """A thread of Meta's, and the paths in it, or its own, say that it is Instagram's."""
        known = thread_shape(head) == "thread" and owner(head, name) == "instagram"
        return "a thread exported by Instagram" if known else ""
