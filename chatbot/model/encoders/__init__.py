"""Kinds of encoders: each turns an embedded source into states to attend to and a final state."""

from typing import Annotated

from pydantic import Field

from chatbot.model.encoders.encoder import Encoded, Encoder, EncoderSettings
from chatbot.model.encoders.recurrent import GruEncoder, LstmEncoder

ENCODERS: dict[str, type[EncoderSettings]] = {"gru": GruEncoder, "lstm": LstmEncoder}
AnyEncoder = Annotated[GruEncoder | LstmEncoder, Field(discriminator="kind")]

__all__ = ["ENCODERS", "AnyEncoder", "Encoded", "Encoder", "EncoderSettings", "GruEncoder", "LstmEncoder"]
