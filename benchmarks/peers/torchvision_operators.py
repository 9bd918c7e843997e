"""Let torchvision be imported beside a CPU build of torch, whose version its compiled operators do not match.

Runs inside the peer's own environment. ALaaS 0.2.1 uses torchvision's plain Python transforms only; declaring
the two operators that torchvision describes while it is imported is enough, nothing calls them.
"""

from __future__ import annotations

import torch

_LIBRARY = torch.library.Library("torchvision", "DEF")  # the operators vanish with this object
for _name in ("nms", "qnms"):
    _LIBRARY.define(f"{_name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
