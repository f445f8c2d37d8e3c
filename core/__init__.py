"""The foundation: settings, database, wire, errors, ids, money, shops and keys, events and jobs."""
