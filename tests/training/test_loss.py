"""The loss that never holds all logits is the loss."""

import pytest
import torch
from torch.nn.functional import cross_entropy

from chatbot.training.loss import cross_entropy_sum, soft_cross_entropy_sum, token_losses


@pytest.mark.parametrize("rows", [1, 511, 512, 513, 1300])
def test_value_and_gradients_are_those_of_cross_entropy(rows: int) -> None:
    torch.manual_seed(1)
    outputs, weight, bias = torch.randn(rows, 8), torch.randn(50, 8), torch.randn(50)
    targets = torch.randint(0, 50, (rows,))
    ours = [tensor.clone().requires_grad_() for tensor in (outputs, weight, bias)]
    theirs = [tensor.clone().requires_grad_() for tensor in (outputs, weight, bias)]
    loss = cross_entropy_sum(ours[0], ours[1], ours[2], targets)
    expected = cross_entropy(theirs[0] @ theirs[1].T + theirs[2], targets, reduction="sum")
    (loss / 3).backward()
    (expected / 3).backward()
    torch.testing.assert_close(loss, expected)
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine.grad, other.grad, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("rows", [0, 1, 700])
def test_a_teachers_chances_are_learnt_as_soft_targets(rows: int) -> None:
    torch.manual_seed(1)
    own, other = ([torch.randn(rows, 8), torch.randn(50, 8), torch.randn(50)] for _ in range(2))
    ours, theirs = ([tensor.clone().requires_grad_() for tensor in own] for _ in range(2))
    wanted = (other[0] @ other[1].T + other[2]).softmax(-1)
    loss = soft_cross_entropy_sum(ours[0], ours[1], ours[2], *other)
    expected = cross_entropy(theirs[0] @ theirs[1].T + theirs[2], wanted, reduction="sum")
    (loss / 3).backward()
    (expected / 3).backward()
    torch.testing.assert_close(loss, expected)
    for mine, its in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine.grad, its.grad, atol=1e-4, rtol=1e-4)


def test_who_says_what_the_teacher_does_learns_nothing() -> None:
    torch.manual_seed(1)
    own = [torch.randn(30, 8), torch.randn(50, 8), torch.randn(50)]
    ours = [tensor.clone().requires_grad_() for tensor in own]
    soft_cross_entropy_sum(ours[0], ours[1], ours[2], *own).backward()
    for mine in ours:
        torch.testing.assert_close(mine.grad, torch.zeros_like(mine), atol=1e-5, rtol=0)


def test_losses_of_tokens_add_up_to_the_sum() -> None:
    torch.manual_seed(1)
    outputs, weight, bias, targets = (
        torch.randn(700, 8),
        torch.randn(50, 8),
        torch.randn(50),
        torch.randint(0, 50, (700,)),
    )
    losses = token_losses(outputs, weight, bias, targets)
    torch.testing.assert_close(losses.sum(), cross_entropy_sum(outputs, weight, bias, targets))
    torch.testing.assert_close(losses, cross_entropy(outputs @ weight.T + bias, targets, reduction="none"))
