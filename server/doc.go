// Package server serves runs over SSH, and over any other byte stream.
//
// [Server.ServeConn] is one session: it reads a request, plans its query, runs
// it over this host's files, and writes what the run yields (package exec/wire).
// It is all that `dserver -stdio` does: then sshd is the transport, and decides
// who comes in. [Server.Serve] is a daemon of our own around the same session.
//
// # Who comes in
//
// A user with a key that [AuthorizedKeys] finds, by public key and nothing else.
// The server reads files with the rights of its process, so it serves only the
// user that it runs as. Whoever is refused learns nothing of the reason; the log
// tells it.
//
// # What a connection may do
//
// Open channels of the type "session" and ask each for the subsystem "fantail".
// There is no shell, no command, no terminal, no forwarding, no environment.
//
// # Limits
//
// Connections that have not logged in are counted and limited, in all and for
// each address, and dropped after [Server.LoginGrace]. A peer that has fallen
// silent is noticed by keepalives. A session that panics ends alone.
//
// # The end
//
// When the context of Serve is done, nothing new is accepted and runs are
// cancelled: each gives what it has and ends with wire.ErrShutdown, upon which
// clients resume, here after a restart or elsewhere.
package server
