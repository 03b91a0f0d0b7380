"""Who may do what: pure functions of the actor and a thing, with no database and no request."""
