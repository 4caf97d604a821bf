"""``{% load presently %}{% presently %}``: the browser client, and where it connects."""

from __future__ import annotations

import json
from typing import Any, Final

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from presently.django import conf

register: Final = template.Library()
_HARMLESS: Final = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@register.simple_tag(takes_context=True, name="presently")
def presently_tag(context: template.Context, nonce: str = "", importmap: bool = True) -> SafeString:
    """Two elements for the page's head, before its first module.

    An import map (``presently``: the client; ``presently/page``: the same with ``live``, the open
    line of this page), and the addresses as JSON. Then, in the page::

        <script type="module"> import { live, notify } from "presently/page"; … </script>

    Args:
        nonce: Of the page's Content-Security-Policy; found by itself where django-csp or Django
            6 put it.
        importmap: False if the page has an import map of its own, with ``presently/page``.
    """
    request: Any = context.get("request")
    user: Any = getattr(request, "user", None)
    known = user is not None and user.is_authenticated
    said = {
        "gateway": conf.value("GATEWAY"),
        "token": reverse("presently:token") if known or conf.value("ANONYMOUS") else None,
        "user": conf.identity(user)["id"] if known else None,
        "lang": get_language() or settings.LANGUAGE_CODE,
    }
    addresses = json_script(said, "presently")
    if not importmap:
        return addresses
    imports = {
        "presently": static("presently/index.js"),
        "presently/page": static("presently_django/page.js"),
    }
    nonce = nonce or str(context.get("csp_nonce") or getattr(request, "csp_nonce", None) or "")
    return format_html(
        '<script type="importmap"{}>{}</script>\n{}',
        format_html(' nonce="{}"', nonce) if nonce else "",
        mark_safe(json.dumps({"imports": imports}).translate(_HARMLESS)),
        addresses,
    )
