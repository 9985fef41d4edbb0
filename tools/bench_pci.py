# Frostnet: what finding a card behind PCI adds to the time to the prompt
# MIT license; Copyright (c) 2026 The Frostnet authors

from hostlib.board import Board

_CARDS = ("virtio-net-device", "virtio-net-pci")


def measure(firmware, plan, results):
    """Boot with either card in turn; the figure is how much later the prompt came with PCI's, in
    the fastest boot of each: the difference is less than what one boot differs from the next."""
    seconds = {card: [] for card in _CARDS}
    for _ in range(2 * plan.boots):
        for card in _CARDS:
            with Board(card=card, firmware=firmware) as board:
                seconds[card].append(board.wait_prompt())
    mmio, pci = (min(seconds[card]) for card in _CARDS)
    results.add("pci_boot", "frostnet", (pci - mmio) * 1000)
