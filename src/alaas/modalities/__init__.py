"""Modalities: image, text, table."""

from alaas.modalities._base import Decoded, Modality

__all__ = ["Decoded", "Modality"]
