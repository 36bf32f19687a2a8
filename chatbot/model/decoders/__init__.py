"""Kinds of decoders: each turns embedded targets and a state into outputs and the next state."""

from typing import Annotated

from pydantic import Field

from chatbot.model.decoders.decoder import Decoder, DecoderSettings
from chatbot.model.decoders.recurrent import GruDecoder, LstmDecoder

DECODERS: dict[str, type[DecoderSettings]] = {"gru": GruDecoder, "lstm": LstmDecoder}
AnyDecoder = Annotated[GruDecoder | LstmDecoder, Field(discriminator="kind")]

__all__ = ["DECODERS", "AnyDecoder", "Decoder", "DecoderSettings", "GruDecoder", "LstmDecoder"]
