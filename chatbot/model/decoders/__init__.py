"""Kinds of decoders: each turns embedded targets and a state into outputs and the next state."""

from typing import Annotated

from pydantic import Field

from chatbot.model.decoders.convolutional import CnnDecoder
from chatbot.model.decoders.decoder import Decoder, DecoderSettings, State, Surroundings
from chatbot.model.decoders.recurrent import GruDecoder, LstmDecoder
from chatbot.model.decoders.transformer import TransformerDecoderSettings

DECODERS: dict[str, type[DecoderSettings]] = {
    "lstm": LstmDecoder,
    "gru": GruDecoder,
    "cnn": CnnDecoder,
    "transformer": TransformerDecoderSettings,
}
AnyDecoder = Annotated[LstmDecoder | GruDecoder | CnnDecoder | TransformerDecoderSettings, Field(discriminator="kind")]

__all__ = ["DECODERS", "AnyDecoder", "Decoder", "DecoderSettings", "LstmDecoder", "State", "Surroundings"]
