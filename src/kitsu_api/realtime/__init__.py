"""Real time: the socket.io server, its rooms, and the events sent to them."""
