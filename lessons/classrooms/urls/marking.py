"""The marking queue, regrade requests, re-keying, and the log of grade changes."""

from django.urls import path

from lessons.classrooms.views import gradelog, marking, rekeying, results

QUESTION = "classes/<int:classroom>/marking/<int:assignment>/<int:question>/"

urlpatterns = [
    path("classes/<int:classroom>/marking/", marking.marking, name="marking"),
    path(
        "classes/<int:classroom>/marking/requests/<int:regrade>/",
        marking.marking_request,
        name="marking-request",
    ),
    path(
        "classes/<int:classroom>/marking/<int:assignment>/questions/",
        marking.marking_questions,
        name="marking-questions",
    ),
    path(QUESTION, marking.marking_question, name="marking-question"),
    path(f"{QUESTION}void/", marking.question_void, name="question-void"),
    path(f"{QUESTION}count/", marking.question_count, name="question-count"),
    path(f"{QUESTION}<int:response>/", marking.marking_answer, name="marking-answer"),
    path("classes/<int:classroom>/log/", gradelog.grade_log, name="grade-log"),
    path("classes/<int:classroom>/log/csv/", gradelog.grade_log_csv, name="grade-log-csv"),
    path(
        "assignments/<int:assignment>/result/", results.assignment_result, name="assignment-result"
    ),
    path(
        "assignments/<int:assignment>/result/<int:response>/ask/",
        results.ask_again,
        name="ask-again",
    ),
    path("editors/questions/<slug:key>/rekey/", rekeying.question_rekey, name="question-rekey"),
]
