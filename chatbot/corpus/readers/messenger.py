"""Facebook Messenger's threads: "Download your information" in JSON, and end-to-end encrypted chats."""

from typing import Literal

from chatbot.corpus.readers.meta_threads import MetaReader, owner, thread_shape


class MessengerReader(MetaReader):
    """``kind = "messenger"``."""

    kind: Literal["messenger"] = "messenger"

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """A thread of Meta's, and nothing in it or its path says that it is Instagram's."""
        shape = thread_shape(head)
        if shape == "encrypted":
            return "an end-to-end encrypted chat exported by Messenger"
        return "a thread exported by Facebook" if shape and owner(head, name) != "instagram" else ""
