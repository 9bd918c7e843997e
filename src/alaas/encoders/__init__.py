"""Encoders: named models with their pre-processing, from the zoo, a file or the Hugging Face hub."""

from alaas.encoders._base import EncodedBatch, Encoder, EncoderGraph, EncoderInfo
from alaas.encoders._open import DEFAULTS, describe, names, open_encoder, pull, registry

__all__ = [
    "DEFAULTS",
    "EncodedBatch",
    "Encoder",
    "EncoderGraph",
    "EncoderInfo",
    "describe",
    "names",
    "open_encoder",
    "pull",
    "registry",
]
