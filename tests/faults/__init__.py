"""Faults: whatever happens, an acknowledged answer is stored once, and the reader is told plainly.

Where each case is tried. Tests of this folder run on SQLite and on PostgreSQL, in real server
processes but for test_moments and test_ended; those of a browser (e2e) on SQLite. `make faults`
makes the loops long.

 1  killed between request and commit     test_kill (to the point; and at random moments)
 2  killed after commit, before response  test_kill: the retry with the same key is stored once;
                                          e2e/test_drafts: replies that are lost
 3  double click, parallel submits        test_crowd; quizzes/test_domain: ten at once
 4  an old autosave after a newer one     quizzes/test_domain: stale drafts, and one sent again
 5  two tabs, different answers           guided/test_views; e2e/test_drafts: told, and may keep
 6  a stale tab posting blanks            test_moments
 7  a save after handing in               test_moments; guided/test_views; e2e/test_clock
 8  offline while typing                  e2e/test_drafts: five minutes, tab open or closed
 9  offline during submit                 e2e/test_drafts: handing in offline, replies lost
10  the session ends in a quiz            test_ended; e2e/test_ended: ran out, signed out elsewhere,
                                          password changed, another person, a guest, no script
11  browser crash or reload               e2e/test_drafts: closed tabs, reloads
12  clocks, zones, daylight saving        test_moments: repeated and skipped hours, forged times;
                                          e2e/test_clock: what the countdown shows
13  around the deadline; a browser gone   test_moments; quizzes/test_domain
14  question edited, deleted, re-keyed    test_moments; classrooms/test_rekeying; test_editing: on
                                          two servers, and a lesson that is taken back
15  database locked 3 s and too long      test_locked
16  disk full                             test_full (PostgreSQL: as root on Linux, else skipped)
17  backup under load, restore            test_backup (SQLite); core/test_dumps (PostgreSQL, still)
18  migrate, rolling restart, SIGTERM     test_restart (no migration waits); `make fleet`: with one
19  sixty saving at once                  test_crowd (without a pause); `make load`: at their pace
20  import or export crashing midway      test_halfway: content, roster, tables; a damaged file:
                                          test_backup; core/test_soundness
"""
