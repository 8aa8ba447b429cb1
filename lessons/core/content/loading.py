"""One load: compare, decide, write what differs."""

from typing import Any, cast

from django.db import DatabaseError, IntegrityError, OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lessons.core.edits import edit
from lessons.core.models import ContentModel, ContentVersion, LoadedContent, Status

from .comparing import Comparison, is_new, name_of
from .files import Entry, Mistake, files_digest, read_files
from .outcome import EditedInAdmin, Prefer, Report
from .relations import is_referred_to, parent_of, references
from .rules import REASON, checkers, savers


def load(*, prefer: Prefer = Prefer.NEITHER) -> Report:
    """Bring the database to what the files say.

    Raises Mistake or EditedInAdmin, and then nothing was changed.
    """
    digest = files_digest()
    entries = read_files()
    with edit(by=None):
        report = _Load(entries, prefer).run()
        if report.changed_anything:
            ContentVersion.bump()
        if not LoadedContent.objects.filter(digest=digest).exists():
            LoadedContent.objects.update_or_create(
                pk=1, defaults={"digest": digest, "loaded_at": timezone.now()}
            )
    return report


class _Load(Comparison):
    """One run; only what differs is written."""

    def run(self) -> Report:
        self.compare()
        if self.mistakes:
            raise Mistake(self.mistakes)
        to_retire, to_delete = self._removals()
        if self.conflicts:
            raise EditedInAdmin(self.conflicts)
        to_delete = self._delete(to_delete)
        for row in to_retire:
            cast("Any", row).status = Status.RETIRED
            self._save(row, REASON + _("no longer in the files"))
            self.report.counts[type(row)]["retired"] += 1
        for model in self.models:
            self._write(model)
        for row, entry in self.agreed:  # from now on a change of the file is no conflict
            self._save(row, REASON + entry.file)
        for row in self._delete(to_delete):
            self.report.still_used.append(name_of(row))
        self._check()
        return self.report

    # Removing

    def _removals(self) -> tuple[list[ContentModel], list[ContentModel]]:
        """Rows that left the files: those to retire, and those to delete (parents before children).

        What belongs to a retired row stays with it: a retired question keeps its options.
        """
        retire: list[ContentModel] = []
        delete: list[ContentModel] = []
        staying: set[ContentModel] = set()
        for model in self.models:
            has_status = any(f.name == "status" for f in model._meta.concrete_fields)
            for row in self.gone[model]:
                if has_status and cast("Any", row).status == Status.RETIRED:
                    staying.add(row)
                    continue
                parent = parent_of(row)
                if not has_status and parent in staying:
                    staying.add(row)
                    continue
                if row.pk in self.past[model].edited and self.prefer != Prefer.OURS:
                    if self.prefer == Prefer.NEITHER:
                        self._conflict(
                            model, row.natural_key(), "–", _("no longer there"), _("edited")
                        )
                    self.report.counts[model]["kept"] += 1
                    staying.add(row)
                elif has_status:
                    retire.append(row)
                    staying.add(row)
                else:
                    delete.append(row)
        return retire, delete

    def _delete(self, rows: list[ContentModel]) -> list[ContentModel]:
        """Delete those that nothing refers to, children first; returns those that are left."""
        left = list(reversed(rows))
        progress = True
        while left and progress:
            still: list[ContentModel] = []
            for row in left:
                if is_referred_to(row):
                    still.append(row)
                    continue
                row._change_reason = (REASON + _("no longer in the files"))[:100]  # type: ignore[attr-defined]
                row.delete()
                self.report.counts[type(row)]["removed"] += 1
            progress = len(still) < len(left)
            left = still
        return list(reversed(left))

    # Writing

    def _write(self, model: type[ContentModel]) -> None:
        """Save what differs. A row that meets a unique value which another row is about to give
        up waits for the next round; when a round saves nothing, the mistake is in the files.
        """
        own = [f for f in references(model) if f.related_model is model]
        queue = self.to_save[model]
        while queue:
            waiting: list[tuple[ContentModel, Entry]] = []
            reasons: list[str] = []
            for row, entry in queue:
                if any(is_new(getattr(row, f.name)) for f in own):
                    waiting.append((row, entry))
                    continue
                try:
                    with transaction.atomic():
                        self._save(row, REASON + entry.file)
                except IntegrityError as error:
                    waiting.append((row, entry))
                    reasons.append(f"{entry}: {str(error).splitlines()[0]}")
                except OperationalError:  # a locked database is nobody's mistake
                    raise
                except (DatabaseError, ArithmeticError, ValueError) as error:
                    raise Mistake([f"{entry}: {str(error).splitlines()[0]}"]) from None
            if len(waiting) == len(queue):
                raise Mistake(reasons or [f"{entry}: refers to itself" for _row, entry in waiting])
            queue = waiting

    def _save(self, row: ContentModel, reason: str) -> None:
        for prepare in savers:
            prepare(row)
        row._change_reason = reason[:100]  # type: ignore[attr-defined]
        row.save()
        for name, targets in self.to_fill.get(id(row), {}).items():
            getattr(row, name).set(targets)

    def _check(self) -> None:
        written = [row for saved in self.to_save.values() for row, _entry in saved]
        mistakes = [
            f"{self.sources.get((type(row), row.natural_key())) or name_of(row)}: {reason}"
            for check in checkers
            for row, reason in check(written)
        ]
        if mistakes:
            raise Mistake(mistakes)
