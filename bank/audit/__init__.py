"""The audit trail: what happened to whom, in a form that shows when somebody has changed it.

An event goes to two places, a file of JSON lines (:mod:`bank.audit.chain`) and a table
(:mod:`bank.audit.rows`); neither can fail a request. Beside it stands what keeps secrets out
of every ordinary log (:mod:`bank.audit.redaction`).
"""
