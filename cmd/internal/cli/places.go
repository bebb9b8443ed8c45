package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"strings"

	"fantail/client"
)

// place is a host, or this one, and the paths to read there.
type place struct {
	addr  client.Address
	local bool
	globs []string
}

// findPlaces says where the logs are: HOST:PATH and FILE arguments, and -servers
// with -files; else standard input.
func (o *options) findPlaces(ctx context.Context, stdin io.Reader) ([]place, error) {
	servers, err := o.findServers(ctx)
	if err != nil {
		return nil, err
	}
	files := slices.Clone(o.places)
	for _, list := range o.files {
		files = append(files, splitPaths(list)...)
	}
	p := places{servers: servers}
	for _, file := range files {
		if err := p.add(file); err != nil {
			return nil, err
		}
	}
	switch {
	case len(p.list) > 0:
		return p.list, nil
	case len(servers) > 0:
		return nil, errors.New("which files? say -files '/var/log/*.log', or name them behind the flags")
	case isTerminal(stdin):
		return nil, errors.New("which files? name FILE or HOST:FILE, say -servers and -files, or pipe something in")
	}
	return []place{{local: true, globs: []string{client.StdinPath}}}, nil
}

// places collects places, each host once.
type places struct {
	servers []client.Address // that a path without a host is on; none: it is local
	list    []place
}

func (p *places) add(arg string) error {
	addrs, path, remote, err := client.ParseRemotePath(arg)
	switch {
	case err != nil && !exists(arg):
		return err
	case remote && !exists(arg):
	case len(p.servers) > 0:
		addrs, path = p.servers, arg
	default:
		p.addGlob(place{local: true}, arg)
		return nil
	}
	for _, a := range addrs {
		p.addGlob(place{addr: a}, path)
	}
	return nil
}

func (p *places) addGlob(where place, glob string) {
	for i := range p.list {
		if p.list[i].local == where.local && p.list[i].addr == where.addr {
			p.list[i].globs = append(p.list[i].globs, glob)
			return
		}
	}
	where.globs = []string{glob}
	p.list = append(p.list, where)
}

// exists tells whether a local file has that very name, colon and all.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// splitPaths takes a list of paths apart; \, is a comma of a path.
func splitPaths(list string) []string {
	var paths []string
	var b strings.Builder
	for i := 0; i < len(list); i++ {
		switch {
		case list[i] == '\\' && i+1 < len(list) && list[i+1] == ',':
			b.WriteByte(',')
			i++
		case list[i] == ',':
			paths = append(paths, b.String())
			b.Reset()
		default:
			b.WriteByte(list[i])
		}
	}
	paths = append(paths, b.String())
	return slices.DeleteFunc(paths, func(p string) bool { return p == "" })
}
