"""
How the command line reaches the ledger: named operations, over a Unix socket while the service runs, else in-process.

`operations` says what can be asked; `server` answers on the socket; `client` asks, or takes the lock and does it itse
"""
