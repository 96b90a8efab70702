"""Finding entries by Chinese words, codes and items: a disposable index beside PostgreSQL, and the query over both."""
