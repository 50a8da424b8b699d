"""The record of runs, behind one interface (store.py): in SQLite (sqlite.py), or in PostgreSQL (postgres.py).

Both understand the statements of sql.py. An aid for people and for later runs, never the truth about the cloud.
"""
