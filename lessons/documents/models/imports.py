"""A document on its way in: kept for its editor between upload and save, and nowhere else."""

import uuid
import zlib

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .records import Document


class PendingImport(models.Model):
    """An upload and what its editor made of it so far. It goes when it is saved or given up.

    `source` is the decoded text, compressed: a volume is some megabytes, and is needed again when
    another of its documents is chosen. `draft` is empty until one is.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    name = models.CharField(_("file"), max_length=200, blank=True)
    format = models.CharField(_("format"), max_length=8)
    source = models.BinaryField()
    chosen = models.CharField(_("document in the file"), max_length=200, blank=True)
    again = models.ForeignKey(Document, models.CASCADE, null=True, blank=True, related_name="+")
    draft = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("import")

    def __str__(self) -> str:
        return self.name or str(self.id)

    @property
    def text(self) -> str:
        return zlib.decompress(bytes(self.source)).decode()

    @text.setter
    def text(self, text: str) -> None:
        self.source = zlib.compress(text.encode(), 6)
