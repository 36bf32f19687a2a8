"""Sequence-to-sequence models.

Shapes are stated where they change, with these letters:

    B batch   S source tokens   T target tokens   E embedding   H hidden   L layers   V vocabulary   K beams

Tensors are batch first everywhere; recurrent states too: [B, L, H].
"""
