"""The commands of ``chatbot latent``; a part of ``chatbot.cli``."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from chatbot.generation.latent import Latents

latent = typer.Typer(name="latent", help="Walk in the latent of a variational autoencoder.", no_args_is_help=True)

BotName = Annotated[str, typer.Argument(metavar="BOT", help='A bot with objective "variational".')]
Text = Annotated[str, typer.Argument(metavar="TEXT", help="A sentence.")]
Seed = Annotated[int, typer.Option(min=0, help="Of what is drawn.")]
Count = Annotated[int, typer.Option("-n", min=1, help="How many.")]


@latent.command("sample")
def latent_sample(name: BotName, count: Count = 10, seed: Seed = 1) -> None:
    """Draw new sentences from the prior."""
    for said in _latents(name).draw(count, seed):
        print(said)


@latent.command("interpolate")
def latent_interpolate(
    name: BotName,
    first: Text,
    last: Text,
    count: Annotated[int, typer.Option("-n", min=2, help="How many, both ends included.")] = 8,
) -> None:
    """Walk from one sentence to another."""
    for said in _latents(name).walk(first, last, count, seed=1):
        print(said)


@latent.command("reconstruct")
def latent_reconstruct(name: BotName, text: Text, count: Count = 4, seed: Seed = 1) -> None:
    """Rebuild a sentence.

    From the middle of where the model sees it, then from draws around there.
    """
    for said in _latents(name).rebuild(text, count, seed):
        print(said)


@latent.command("neighbours")
def latent_neighbours(name: BotName, text: Text, count: Count = 10) -> None:
    """Find the corpus's sentences that lie nearest.

    With their distances.
    """
    from chatbot.bot import load_bot

    others = [answer for _, answer in load_bot(name).learnt_pairs()]
    for other, distance in _latents(name).neighbours(text, others, count):
        print(f"{distance:.2f}\t{other}")


def _latents(name: str) -> "Latents":
    from chatbot.bot import load_bot

    return load_bot(name).latents()
