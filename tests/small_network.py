"""Networks that the fine-tuning tests name as ``small_network:…``; needs torch."""

import torch
from torch import nn


class Small(nn.Module):
    """A convolution, batch normalisation, dropout and a mean: (n, 3, h, w) to (n, 8)."""

    def __init__(self):
        super().__init__()
        self.convolution = nn.Conv2d(3, 8, 3, padding=1)
        self.norm = nn.BatchNorm2d(8)
        self.dropout = nn.Dropout(0.1)

    def forward(self, images):
        return self.dropout(torch.relu(self.norm(self.convolution(images))).mean(dim=(2, 3)))


class Words(nn.Module):
    """Takes two inputs by name, and one table under two names."""

    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(10, 4)
        self.same = self.table

    def forward(self, attention_mask, input_ids):
        real = attention_mask[:, :, None].float()
        return (self.table(input_ids) * real).sum(1) / real.sum(1)


class Exploding(Small):
    def forward(self, images):
        return super().forward(images) * float("inf")


class Maps(Small):
    def forward(self, images):
        return images


def small():
    return Small()


def wide():
    return nn.Sequential(Small(), nn.Linear(8, 16))


def number():
    return 7
