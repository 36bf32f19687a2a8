"""AdamW and the moving average of the weights, with states that are plain named tensors."""

import torch
from torch import Tensor, nn

from chatbot.training.settings import TrainingSettings


class Optimizer:
    """AdamW (Loshchilov and Hutter 2019) with clipped gradients; matrices decay, biases do not."""

    def __init__(self, model: nn.Module, settings: TrainingSettings) -> None:
        self.parameters = dict(model.named_parameters())
        self.clip = settings.clip
        matrices = [parameter for parameter in self.parameters.values() if parameter.ndim > 1]
        others = [parameter for parameter in self.parameters.values() if parameter.ndim <= 1]
        groups = [
            {"params": matrices, "weight_decay": settings.weight_decay},
            {"params": others, "weight_decay": 0.0},
        ]
        # betas: 0.99 forgets old gradients sooner than 0.999, which suits runs of some thousand steps
        self.adam = torch.optim.AdamW(groups, lr=settings.learning_rate, betas=(0.9, 0.99), fused=True)

    def step(self, rate: float) -> None:
        """Move the parameters along their gradients, and clear these."""
        torch.nn.utils.clip_grad_norm_(self.parameters.values(), self.clip)
        for group in self.adam.param_groups:
            group["lr"] = rate
        self.adam.step()
        self.adam.zero_grad()

    def tensors(self) -> dict[str, Tensor]:
        """Return the state."""
        return {
            f"{name}/{key}": value.contiguous()
            for name, parameter in self.parameters.items()
            for key, value in self.adam.state[parameter].items()
        }

    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Take up a state that ``tensors`` gave."""
        for path, value in tensors.items():
            name, key = path.rsplit("/", 1)
            parameter = self.parameters[name]
            self.adam.state[parameter][key] = value.to(parameter.device)


class Average:
    """Exponential moving average of a model's parameters; young averages forget faster."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay = decay
        self.live = dict(model.named_parameters())
        self.values = {name: parameter.detach().clone() for name, parameter in self.live.items()}

    def update(self, step: int) -> None:
        """Take the parameters after ``step`` steps in."""
        decay = min(self.decay, (1 + step) / (10 + step))
        live = [parameter.detach() for parameter in self.live.values()]
        torch._foreach_lerp_(list(self.values.values()), live, 1 - decay)

    def swap(self) -> None:
        """Exchange the model's parameters and the average; twice is not at all."""
        for name, parameter in self.live.items():
            average = self.values[name].clone()
            self.values[name].copy_(parameter.detach())
            parameter.data.copy_(average)

    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Take up the values of a saved average."""
        for name, value in tensors.items():
            self.values[name].copy_(value)
