"""The one place where settings become objects and objects are wired together."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from pydantic import Field, model_validator

from chatbot.adapters.telegram.settings import TelegramSettings
from chatbot.botfile import bot_path
from chatbot.conversation.settings import ConversationSettings
from chatbot.corpus.pair_file import PairFile, spread, together
from chatbot.corpus.split import split_pairs
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Pair
from chatbot.errors import CheckpointError, CorpusError, SettingsError
from chatbot.generation.latent import Latents
from chatbot.generation.replier import Replier
from chatbot.generation.searches import AnySearch, KnownSearch, SamplingSearch
from chatbot.generation.shortlist import Shortlist, load_pairs
from chatbot.model.checkpoint import load_model
from chatbot.model.latent import VariationalSeq2Seq, make_model
from chatbot.model.seq2seq import ModelSettings, Seq2Seq
from chatbot.settings import Settings, load_settings, parse_settings, suggest
from chatbot.text.context import TextSettings
from chatbot.text.script import pairs_in_script
from chatbot.text.tokenizer import Tokenizer
from chatbot.training.gate import ProbeSettings
from chatbot.training.objectives import AnyObjective, ReplyObjective
from chatbot.training.settings import RetrainingSettings, TrainingSettings
from chatbot.training.versions import PAIRS, SETTINGS, WEIGHTS, Versions

if TYPE_CHECKING:
    from chatbot.corpus.manifest import Corpus

_SPELT = 1_000_000


class BotSettings(Settings):
    """A bot file."""

    name: str = ""
    """What the bot is called in a conversation; empty: its file's name."""
    corpora: tuple[str, ...] = Field(min_length=1)
    """Names of folders under ``corpora/`` beside the bots' folder, or paths."""
    answers_as: str = ""
    """Whom of ``[text] speakers`` the bot answers as; empty: the first."""
    validation: tuple[str, ...] = ()
    """Corpora to validate on; empty: a share of the dialogues of ``corpora``."""
    text: TextSettings = TextSettings()
    """How text becomes ids."""
    model: ModelSettings = ModelSettings()
    """What is trained."""
    objective: AnyObjective = ReplyObjective()
    """What is learnt of the corpora."""
    training: TrainingSettings = TrainingSettings()
    """How, and for how long."""
    retraining: RetrainingSettings = RetrainingSettings()
    """What is learnt of conversations, and when a new version is good enough."""
    probes: tuple[ProbeSettings, ...] = ()
    """``[[probes]]``: questions that a new version must not answer worse."""
    search: AnySearch = SamplingSearch(temperature=0.7, top_p=0.9)
    """How a reply is chosen."""
    conversations: ConversationSettings = ConversationSettings()
    """What is kept of people's conversations."""
    telegram: TelegramSettings = TelegramSettings()
    """How the bot serves people on Telegram."""

    def learnable(self, pairs: Sequence[Pair]) -> Sequence[Pair]:
        """Return what the objective makes of ``pairs``, in the script of the bot."""
        script = self.text.script
        return self.objective.pairs(pairs if script == "as-written" else PairFile.of(pairs_in_script(pairs, script)))

    @property
    def learns(self) -> tuple[object, ...]:
        """What versions must have in common to be measured on the same pairs."""
        return self.objective, self.text.script, self.model.encoder.pictures

    def spelt(self, pairs: Iterable[Pair]) -> list[str]:
        """Return what a tokenizer has to spell: each answer once, and questions that are no answer and no picture."""
        asked = 0 if self.model.encoder.pictures else 1
        return list(dict.fromkeys(turn.text for pair in pairs for turn in (*pair.question[-1:][:asked], pair.answer)))

    @model_validator(mode="after")
    def _fits(self) -> "BotSettings":
        """Refuse what the objective cannot be reached with, and say why."""
        kind, latent = self.objective.kind, self.objective.latent
        if self.objective.single_texts and self.text.context_turns != 1:
            raise ValueError(f'objective "{kind}" is about single texts: set [text] context_turns = 1')
        if self.model.encoder.pictures and self.text.script != "as-written":
            raise ValueError("an image encoder reads no text whose script could be chosen: remove [text] script")
        if self.answers_as and self.answers_as not in self.text.speakers:
            names = suggest(self.answers_as, list(self.text.speakers))
            raise ValueError(f"answers_as: [text] speakers has no {self.answers_as}{names}")
        if self.text.speakers and (self.objective.from_itself or self.model.encoder.pictures):
            raise ValueError("what is shown here has no speakers to tell apart: remove [text] speakers")
        if latent and self.model.chosen_bridge.kind not in ("projected", "pooled"):
            raise ValueError(f'objective "{kind}" draws its latent from a bridge of kind "projected" or "pooled"')
        if latent and not latent.conditional and self.model.attention.kind != "none":
            raise ValueError(
                f'objective "{kind}" needs [model.attention] kind = "none": attention goes round the latent'
            )
        return self


@dataclass(frozen=True, slots=True)
class Data:
    """A bot's pairs: to train on, and held out; ``tally`` counts what was dropped.

    ``read`` are the pairs of each corpus.
    """

    training: Sequence[Pair]
    held_out: Sequence[Pair]
    tally: Tally = field(default_factory=Tally)
    read: "Sequence[tuple[Corpus, Sequence[Pair]]]" = ()


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot file and the folder beside it."""

    path: Path
    settings: BotSettings
    place: Path | None = None
    """Where versions go instead of the folder beside the file."""

    @property
    def id(self) -> str:
        """The file's name without its ending."""
        return self.path.stem

    @property
    def name(self) -> str:
        """What the bot is called."""
        return self.settings.name or self.id

    @property
    def folder(self) -> Path:
        """What training and talking leave behind."""
        return self.place or self.path.with_suffix("")

    @property
    def versions(self) -> Versions:
        """The versions of its model."""
        return Versions(self.folder / "versions")

    def data(self) -> Data:
        """Return the pairs of its corpora, split."""
        tally = Tally()
        training = self.settings.training
        read = [(corpus, corpus.pairs(tally)) for corpus in self._corpora(self.settings.corpora)]
        pairs = self.settings.learnable(together([pairs for _, pairs in read]))
        if not pairs:
            raise CorpusError(f"{', '.join(self.settings.corpora)}: yields no pairs", "chatbot corpus inspect PATH")
        if self.settings.validation:
            corpora = self._corpora(self.settings.validation)
            validating = together([corpus.all_pairs(Tally()) for corpus in corpora])
            return Data(pairs, self.settings.learnable(validating), tally, read)
        kept, held_out = split_pairs(pairs, training.validation_share, training.validation_pairs, training.seed)
        return Data(pairs if training.train_on_all else kept, held_out, tally, read)

    def new_model(self, tokenizer: Tokenizer) -> Seq2Seq:
        """Return a model with random weights, the same ones for the same seed."""
        torch.manual_seed(self.settings.training.seed)
        try:
            return make_model(self.settings.model, len(tokenizer), tokenizer.pad, self.settings.objective.latent)
        except ValueError as error:
            raise SettingsError(f"{self.path}: model: {error}") from None

    def make_tokenizer(self, pairs: Sequence[Pair]) -> Tokenizer:
        """Return the tokenizer that the settings name, or one trained on the pairs' texts."""
        text = self.settings.text
        if text.tokenizer:
            beside = self.path.parent / text.tokenizer
            return Tokenizer.load(beside if beside.exists() else text.tokenizer, text.tags)
        # More texts than these would take memory and tell no more of what is frequent.
        texts = self.settings.spelt(spread(pairs, _SPELT))
        return Tokenizer.train(texts, text.vocabulary_size, text.unit, text.tags)

    def replier(self, version: str = "", device: torch.device | None = None) -> Replier:
        """Return what answers people: the current version of the model, or the one named.

        Raises:
            UntrainedError: there is no version.
            CheckpointError: its files are damaged.
        """
        folder = self.versions.path(version or self.versions.current())
        frozen = self.frozen(folder)
        tokenizer = Tokenizer.load(folder, frozen.text.tags)
        model = load_model(folder / WEIGHTS, frozen.model, len(tokenizer), tokenizer.pad, frozen.objective.latent)
        place = device or torch.device("cpu")
        # How to search is no part of what was learnt: the bot file's word of today counts.
        search = self.settings.search
        shortlist = Shortlist(load_pairs(folder / PAIRS), tokenizer) if isinstance(search, KnownSearch) else None
        return Replier(model.to(place), tokenizer, frozen.text, search, place, shortlist)

    def answerer(self, text: TextSettings) -> str:
        """Return whom the bot answers as with the text settings of a version: one of their speakers, else itself.

        Raises:
            SettingsError: the version does not know who is wanted.
        """
        if not text.speakers:
            return self.name
        wanted = self.settings.answers_as or text.speakers[0]
        if wanted not in text.speakers:
            message = f"{self.path}: answers_as: the version has not learnt to answer as that speaker"
            raise SettingsError(message, f"chatbot train {self.id}, or one of: {', '.join(text.speakers)}")
        return wanted

    def latents(self) -> Latents:
        """Return the latent of the current version's model.

        Raises:
            SettingsError: the bot has none that stands for whole sentences.
        """
        replier = self.replier()
        if not isinstance(replier.model, VariationalSeq2Seq) or replier.model.conditional:
            message = (
                f'{self.path}: only bots with [objective] kind = "variational", not conditional, have such a latent'
            )
            raise SettingsError(message, "bots/family/latent/variational.toml is one")
        return Latents(replier, replier.model)

    def learnt_pairs(self) -> list[tuple[str, str]]:
        """Return the texts of questions and answers that the bot learns from; none when its corpora are not here."""
        try:
            return [(pair.question[-1].text, pair.answer.text) for pair in self.data().training]
        except CorpusError:
            return []

    def frozen(self, folder: Path) -> BotSettings:
        """Return the settings that a version was trained with."""
        path = folder / SETTINGS
        try:
            return BotSettings.model_validate_json(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            reason = str(error).splitlines()[0]
            raise CheckpointError(f"{path}: is damaged: {reason}", f"chatbot rollback {self.id}") from None

    def corpus_folder(self, name: str) -> Path:
        """Return where a corpus is, by its path or its name."""
        beside = self.path.parent
        if os.sep in name or name.startswith("."):
            return beside / name
        # Bots may stand in folders under bots/; the nearest corpora/ above them that knows the name is meant.
        known = (parent / "corpora" / name for parent in beside.parents)
        return next((folder for folder in known if folder.is_dir()), beside.parent / "corpora" / name)

    def _corpora(self, names: tuple[str, ...]) -> "list[Corpus]":
        from chatbot.corpus.manifest import load_corpus  # all readers: to talk needs none of them

        return [load_corpus(self.corpus_folder(name)) for name in names]


def load_bot(name: str) -> Bot:
    """Return the bot of a file, or of a name under ``bots/``.

    Raises:
        SettingsError: there is none, or its file is wrong.
    """
    path = bot_path(name)
    return Bot(path, load_settings(path, BotSettings))


def override_training(bot: Bot, changes: dict[str, object]) -> Bot:
    """Return the bot with some of its training settings replaced by what the command line says."""
    tables = bot.settings.model_dump(exclude_unset=True)
    budget = {"steps": None, "epochs": None, "minutes": None} if {"steps", "epochs", "minutes"} & changes.keys() else {}
    tables["training"] = {**tables.get("training", {}), **budget, **changes}
    return replace(bot, settings=parse_settings(tables, BotSettings, bot.path))
