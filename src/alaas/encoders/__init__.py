"""Encoders: named models with their pre-processing, from the zoo, a file or the Hugging Face hub."""

from alaas.encoders._base import EncodedBatch, Encoder, EncoderGraph, EncoderInfo
from alaas.encoders._open import DEFAULTS, describe, is_pulled, names, open_encoder, pull, registry
from alaas.encoders._quantize import Quantized, quantization_method, quantize
from alaas.encoders._store import models_directory

__all__ = [
    "DEFAULTS",
    "EncodedBatch",
    "Encoder",
    "EncoderGraph",
    "EncoderInfo",
    "Quantized",
    "describe",
    "is_pulled",
    "models_directory",
    "names",
    "open_encoder",
    "pull",
    "quantization_method",
    "quantize",
    "registry",
]
