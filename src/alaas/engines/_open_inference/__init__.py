"""The Open Inference Protocol, version 2: its types, its REST form and its gRPC form.

Reference: https://github.com/kserve/open-inference-protocol
"""

from alaas.engines._open_inference._transport import Description, Transport

__all__ = ["Description", "Transport"]
