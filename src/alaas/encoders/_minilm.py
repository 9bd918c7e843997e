"""What the two forms of all-MiniLM-L6-v2 share: their texts and their tokenizer."""

from __future__ import annotations

from typing import Final

from alaas.config import LimitSettings, ModelSettings
from alaas.encoders._packaged import PackagedEncoder
from alaas.errors import ConfigError
from alaas.modalities import Modality

POSITIONS: Final = 512
"""Tokens beyond which the network has no positions."""

TOKENIZER_SHA256: Final = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"


def texts(kind: type[PackagedEncoder], model: ModelSettings, limits: LimitSettings) -> Modality:
    """Texts cut after ``max_length`` tokens, by the tokenizer that was kept beside the model.

    Raises:
        ConfigError: ``max_length`` is more than the network takes.
    """
    from alaas.modalities.text import Text

    if model.max_length > POSITIONS:
        raise ConfigError(
            f"model.max_length is {model.max_length}, but {kind.about.name} takes at most {POSITIONS} tokens"
        )
    inputs = ("input_ids", "attention_mask", "token_type_ids")
    return Text(tokenizer=kind.tokenizer, max_length=model.max_length, limits=limits, inputs=inputs)
