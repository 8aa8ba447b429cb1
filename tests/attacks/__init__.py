"""Attacks: nothing is changed, nothing is told. Where each is tried:

every person, address and method            test_methods; tests/classrooms/test_matrix
another's work, class, export by id         test_ids; tests/classrooms/test_matrix, test_access
mixed ids; a removed member's old session   test_ids; tests/classrooms/test_matrix
extra fields; becoming an instructor        accounts/test_views; classrooms/test_joining
the key before it may be seen               guided/test_secrecy, test_attacks, test_rooms_secrecy;
                                            classrooms/test_withheld
drafts and future items                     test_ids; guided/test_views; documents/test_lookup
finishing early, answering late, attempts   guided/test_attacks; faults/test_moments, test_crowd
stored XSS, hx-* in what people write       guided/test_views; core/test_markdown;
                                            classrooms/test_dashboards, test_work
javascript: and data: links                 core/test_markdown
two at once: joining, leaving, the last     test_races; quizzes/test_domain; faults/test_crowd
    instructor, a guest's work, erasing
cells that a spreadsheet runs               test_exports; classrooms/test_exports
brute force, user enumeration               accounts/test_locks, test_views; classrooms/test_joining
CSRF; a GET that writes; private pages      test_methods; guided/test_views
    that a proxy keeps
sessions: fixation, password, Back          accounts/test_views; core/test_middleware;
                                            e2e/test_drafts
XXE, entity bombs, deep nesting             documents/importing/test_reading
zip traversal, SSRF, SVG uploads            nothing unpacks, asks another host or serves a file
open redirects                              accounts/test_views; guided/test_views
headers and cookies                         test_headers
patterns that take too long                 test_patterns
filters in the query, 1 MB, NUL, surrogates test_fuzz: every address, form, query and part of a path
"""
