"""The queue of the coordinator, and publication of many reports at once."""

from __future__ import annotations

import structlog
from django.contrib import messages
from django.contrib.auth.models import User
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from dashboard.access import permitted
from dashboard.naming import short_names
from dashboard.presenters.reporting.queue import QueueQuery, queue_page
from targets.models import Report
from targets.reporting.steps import AlreadyTakenError, StepRefusedError, publish

log = structlog.get_logger(__name__)

#: More at once would keep the reader waiting; the rest stays in the queue.
MOST = 100


@require_safe
@permitted("targets.view_review_queue")
def queue(request: HttpRequest) -> HttpResponse:
    """`/bao-cao/cho-duyet/`: what waits for the coordinator, the most pressing first."""
    page = queue_page(QueueQuery.parse(request), timezone.localdate())
    return render(request, "reporting/queue.html", {"page": page})


@require_POST
@permitted("targets.view_review_queue")
def publish_ticked(request: HttpRequest) -> HttpResponse:
    """Publish the ticked reports, each whole or not at all, and tell of each what came of it."""
    user = request.user
    if not isinstance(user, User):
        raise Http404
    ticked = _ticked(request.POST.getlist("report"))
    published = already = 0
    refused: dict[int, str] = {}
    for pk, seen in ticked.items():
        try:
            publish(pk, by=user, seen=seen, shown=())
        except AlreadyTakenError:
            already += 1
        except StepRefusedError as refusal:
            refused[pk] = refusal.sentence
        except Report.DoesNotExist:
            refused[pk] = _("Không còn báo cáo này.")
        except DatabaseError:
            log.exception("publication_failed", report=pk)
            refused[pk] = _("Hệ thống không ghi được; chưa có gì thay đổi. Hãy thử lại.")
        else:
            published += 1
    _tell(request, published, already, refused)
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = reverse("review-queue")
    return HttpResponseRedirect(back)


def _ticked(tokens: list[str]) -> dict[int, int]:
    """Id and last seen action of each ticked report, as `Waiting.token` has them."""
    ticked = {}
    for token in tokens[:MOST]:
        pk, _colon, seen = token.partition(":")
        if pk.isdecimal() and seen.isdecimal() and len(token) < 40:
            ticked[int(pk)] = int(seen)
    return ticked


def _tell(request: HttpRequest, published: int, already: int, refused: dict[int, str]) -> None:
    if published:
        text = ngettext("Đã công bố %(count)s báo cáo.", "Đã công bố %(count)s báo cáo.", published)
        messages.success(request, text % {"count": published})
    if already:
        text = ngettext(
            "%(count)s báo cáo đã được công bố trước đó.",
            "%(count)s báo cáo đã được công bố trước đó.",
            already,
        )
        messages.info(request, text % {"count": already})
    organisations = dict(Report.objects.filter(pk__in=refused).values_list("pk", "organisation_id"))
    names = short_names(set(organisations.values()))
    for pk, sentence in refused.items():
        name = names.get(organisations.get(pk, 0), "") or f"#{pk}"
        messages.error(request, f"{name}: {sentence}")
    if not (published or already or refused):
        messages.warning(request, _("Chưa chọn báo cáo nào. Đánh dấu báo cáo rồi bấm công bố."))


urlpatterns = [
    path("cho-duyet/", queue, name="review-queue"),
    path("cho-duyet/cong-bo/", publish_ticked, name="review-publish"),
]
