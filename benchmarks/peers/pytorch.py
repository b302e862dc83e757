"""PyTorch as somebody uses it who knows it: bytes in memory, gathered and scaled a batch at a time.

``pytorch.py TABLE NETWORK [--fused] [--bfloat16] [--compile]``: Adam in one kernel, products in
bfloat16 (autocast, over weights in float32), network and loss compiled (which needs a
C++ compiler).
"""

import time

import torch
from epochs import NETWORKS, load, options, report
from torch import nn


def network(hidden_units, n_features):
    layers, width = [], n_features
    for units in hidden_units:
        layers += [nn.Linear(width, units), nn.ReLU()]
        width = units
    return nn.Sequential(*layers, nn.Linear(width, 2))


def compiled(forward):
    """Compile for the full batch and for the last, shorter one."""
    return torch.compile(forward, dynamic=False)


def main():
    chosen = options("--fused", "--bfloat16", "--compile")
    x, y, x_validation, y_validation = map(torch.from_numpy, load(chosen.table))
    hidden_units, batch_size = NETWORKS[chosen.network]
    model = network(hidden_units, x.shape[1])
    optimizer = torch.optim.Adam(model.parameters(), fused=chosen.fused)

    def forward(pixels, labels):
        with torch.autocast("cpu", torch.bfloat16, enabled=chosen.bfloat16):
            scores = model(pixels.float() / 255)
        return nn.functional.cross_entropy(scores.float(), labels), scores

    step = compiled(forward) if chosen.compile else forward
    ends = []
    for _ in range(chosen.epochs):
        loss_sum = n_correct = 0.0
        for rows in torch.randperm(len(x)).split(batch_size):
            optimizer.zero_grad()
            loss, scores = step(x[rows], y[rows])
            loss.backward()
            optimizer.step()
            loss_sum += loss.item() * len(rows)
            n_correct += (scores.argmax(1) == y[rows]).sum().item()
        with torch.no_grad():
            for pixels, labels in zip(
                x_validation.split(1024), y_validation.split(1024), strict=True
            ):
                loss, _ = forward(pixels, labels)
        ends.append(time.perf_counter())
    report(ends)


if __name__ == "__main__":
    main()
