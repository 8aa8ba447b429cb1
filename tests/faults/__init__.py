"""Faults: whatever happens, an acknowledged answer is stored once, and the reader is told plainly.

Where each case is tried (tests of this folder run on SQLite and on PostgreSQL, in real server
processes but for test_moments; `make faults` makes the loops long):

 1  killed between request and commit     test_kill (at random moments; and to the point)
 2  killed after commit, before response  test_kill: the retry with the same key is stored once
 3  double click, parallel submits        test_crowd; tests/quizzes/test_domain: ten at once
 4  an old autosave after a newer one     tests/quizzes/test_domain: stale drafts
 5  two tabs, different answers           tests/guided/test_views: two tabs; e2e/test_drafts
 6  a stale tab posting blanks            test_moments
 7  a save after handing in               tests/guided/test_views: graded answers after handing in
 8  offline while typing                  e2e/test_drafts: typing offline, a closed tab
 9  offline during submit                 e2e/test_drafts: handing in offline
10  the session ends in a quiz            tests/guided/test_views: ended session; no browser
11  browser crash or reload               e2e/test_drafts: closed tabs, reloads
12  clocks, zones, daylight saving        test_moments: repeated and skipped hours, forged times
13  around the deadline; a browser gone   test_moments; tests/quizzes/test_domain
14  question edited, deleted, re-keyed    test_moments; tests/classrooms/test_rekeying
15  database locked 3 s and too long      test_locked
16  disk full                             test_full (SQLite)
17  backup under load, restore            with the commands of backup
18  migrate, rolling restart, SIGTERM     test_restart
19  sixty saving at once                  test_crowd; `make load`
20  import or export crashing midway      test_halfway; a damaged file: tests/core/test_checks
"""
