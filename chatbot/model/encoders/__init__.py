"""Kinds of encoders: each turns an embedded source into states to attend to and a final state."""

from typing import Annotated

from pydantic import Field

from chatbot.model.encoders.convolutional import CnnEncoder, CnnRnnEncoder
from chatbot.model.encoders.encoder import Encoded, Encoder, EncoderSettings
from chatbot.model.encoders.image import ImageEncoderSettings
from chatbot.model.encoders.recurrent import GruEncoder, LstmEncoder
from chatbot.model.encoders.transformer import TransformerEncoderSettings

ENCODERS: dict[str, type[EncoderSettings]] = {
    "lstm": LstmEncoder,
    "gru": GruEncoder,
    "cnn": CnnEncoder,
    "cnn-rnn": CnnRnnEncoder,
    "transformer": TransformerEncoderSettings,
    "image": ImageEncoderSettings,
}
AnyEncoder = Annotated[
    LstmEncoder | GruEncoder | CnnEncoder | CnnRnnEncoder | TransformerEncoderSettings | ImageEncoderSettings,
    Field(discriminator="kind"),
]

__all__ = ["ENCODERS", "AnyEncoder", "Encoded", "Encoder", "EncoderSettings", "LstmEncoder"]
