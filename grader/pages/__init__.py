"""Web pages for people: a feedback page for a student and a report on a class, each one self-contained HTML text."""

from __future__ import annotations

from grader.gradebook.model import Answer
from grader.pages.answers import answers_of
from grader.pages.class_report import class_report
from grader.pages.names import safe_name, student_file
from grader.pages.single import page_of_report
from grader.pages.student import student_page

__all__ = ["Answer", "answers_of", "class_report", "page_of_report", "safe_name", "student_file", "student_page"]
