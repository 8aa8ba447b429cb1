"""What a machine can tell of content: each rule of writing it, over all rows, in one reading."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from . import fields, language, lessons, links, measures, notes, questions, sources
from .content import Content, read_content
from .findings import Check, Finding, Level, Where

__all__ = ["CHECKS", "Content", "Finding", "Level", "Rule", "Where", "check", "read_content"]


@dataclass(frozen=True)
class Rule:
    title: str | Promise
    check: Check


CHECKS: tuple[Rule, ...] = (
    Rule(_("Fields"), fields.fields),
    Rule(_("Words that notes and questions stand on"), notes.orphans),
    Rule(_("Length of notes"), notes.note_lengths),
    Rule(_("Sources of notes"), notes.note_sources),
    Rule(_("Notes that bury their chunk"), notes.buried_chunks),
    Rule(_("Notes from after the horizon"), notes.later_notes),
    Rule(_("Notes that say what a card will show"), notes.early_answers),
    Rule(_("Passages that no lesson reads"), notes.unread_paragraphs),
    Rule(_("Questions that cannot be asked or answered"), questions.unaskable),
    Rule(_("Accepted answers that never count"), questions.unused_answers),
    Rule(_("Evidence that cannot be ticked"), questions.misplaced_evidence),
    Rule(_("Stems, hints and explanations"), questions.question_texts),
    Rule(_("Feedback"), questions.feedback),
    Rule(_("Options"), questions.options),
    Rule(_("Rubrics"), questions.rubrics),
    Rule(_("Lines out of order"), questions.disordered_lines),
    Rule(_("Questions in quizzes"), questions.shown_keys),
    Rule(_("Told as fact"), language.stated_as_fact),
    Rule(_("Later than its time"), language.untimely),
    Rule(_("Names that take a side"), language.partial_names),
    Rule(_("Spelling"), language.spelling),
    Rule(_("Reading level"), measures.hard_texts),
    Rule(_("Days of events"), sources.event_days),
    Rule(_("Headnotes and summaries"), sources.editions),
    Rule(_("Sources"), sources.unused_sources),
    Rule(_("Links"), links.links),
    Rule(_("Rows that readers do not see"), links.hidden),
    Rule(_("Numbers"), lessons.orders),
    Rule(_("Addresses"), lessons.addresses),
    Rule(_("Minutes"), lessons.minutes),
    Rule(_("Steps"), lessons.steps),
    Rule(_("What lessons ask"), lessons.asked),
    Rule(_("Keys in balance"), lessons.balance),
    Rule(_("Quizzes without a step"), lessons.unused_quizzes),
    Rule(_("Pages for teachers"), lessons.guides),
)
"""Every check, in the order they are printed."""


def check(content: Content) -> list[tuple[Rule, list[Finding]]]:
    """What each rule found, errors first; rules that found nothing are left out."""
    found = [(rule, sorted(rule.check(content), key=_errors_first)) for rule in CHECKS]
    return [(rule, findings) for rule, findings in found if findings]


def _errors_first(finding: Finding) -> bool:
    return finding.level != Level.ERROR
