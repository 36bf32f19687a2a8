"""How far training has come, and the learning rate there."""

from dataclasses import dataclass

from chatbot.training.settings import TrainingSettings

_DEFAULT_EPOCHS = 10.0


@dataclass(frozen=True, slots=True)
class Schedule:
    """A budget in steps, epochs, minutes or several of these; the first that is spent ends training."""

    settings: TrainingSettings

    def progress(self, step: int, epoch: float, seconds: float) -> float:
        """Return which share of the budget is spent, from 0 to 1."""
        settings = self.settings
        shares = []
        if settings.steps:
            shares.append(step / settings.steps)
        if settings.minutes:
            shares.append(seconds / 60 / settings.minutes)
        if settings.epochs or not shares:
            shares.append(epoch / (settings.epochs or _DEFAULT_EPOCHS))
        return min(1.0, max(shares))

    def rate(self, step: int, progress: float) -> float:
        """Return the learning rate of a step: a linear rise, then a linear fall to 0 at the budget's end."""
        settings = self.settings
        risen = max((step + 1) / (settings.warm_up_steps + 1), progress / 0.1)
        return settings.learning_rate * min(1.0, risen) * (1 - progress)
