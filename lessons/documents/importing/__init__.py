"""Documents from outside: read into a draft, looked over, and only then saved.

`decoding` makes text of bytes; `archive`, `tei` and `plain` make a `Draft` of text, each accounting
for every character it was given; `matching` finds whom the site knows; `reviewing` takes the
editor's changes; `saving` writes a new document and `rereading` corrects an old one.
"""
