"""What every template may use."""

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from .logs import request_id

HTMX_CONFIG = json.dumps(
    {
        "allowEval": False,
        "allowScriptTags": False,
        "includeIndicatorStyles": False,
        "historyCacheSize": 0,
        "refreshOnHistoryMiss": True,
        "historyRestoreAsHxRequest": False,
        "responseHandling": [
            {"code": "204", "swap": False},
            {"code": "[23]..", "swap": True},
            {"code": "(409|422|429)", "swap": True, "error": False},
            {"code": "[45]..", "swap": False, "error": True},
        ],
    }
)
"""Keeps htmx 2 within the strict policy and out of the browser's storage; 409, 422 and 429 show."""


def site(request: HttpRequest | None) -> dict[str, Any]:
    return {
        "site_name": settings.SITE_NAME,
        "contact": settings.CONTACT,
        "demo_mode": settings.DEMO,
        "request_id": request_id,  # called by the pages that show it
    }
