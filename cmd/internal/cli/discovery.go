package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"

	"fantail/client"
)

// findServers gives the hosts of -servers and -discovery.
func (o *options) findServers(ctx context.Context) ([]client.Address, error) {
	list := o.servers
	if list == "serverless" { // DTail's word for local files
		list = ""
	}
	expr, isFilter := serverFilter(list)
	switch {
	case o.discovery == "" && isFilter:
		return nil, errors.New("-servers /regex/ chooses among the hosts of -discovery: give that too")
	case o.discovery == "" && slices.ContainsFunc(client.SplitHosts(list), isGroup):
		return o.groups.hosts(list)
	case o.discovery == "":
		return client.ParseServers(list, os.ReadFile)
	case list != "" && !isFilter:
		return nil, errors.New("-discovery and -servers both name hosts: with -discovery, -servers is /regex/")
	}
	addrs, err := o.discover(ctx)
	if err != nil || list == "" {
		return addrs, err
	}
	return filterServers(addrs, expr)
}

// isGroup tells whether an item of a list is a group, or what the list is without.
func isGroup(item string) bool { return strings.HasPrefix(item, "@") || strings.HasPrefix(item, "!") }

// serverFilter is the expression of -servers /regex/.
func serverFilter(list string) (expr string, ok bool) {
	if len(list) < 3 || list[0] != '/' || !strings.HasSuffix(list, "/") {
		return "", false
	}
	return list[1 : len(list)-1], true
}

// filterServers keeps the hosts whose names match.
func filterServers(addrs []client.Address, expr string) ([]client.Address, error) {
	re, err := regexp.Compile(expr)
	if err != nil {
		return nil, fmt.Errorf("-servers /%s/: %w", expr, err)
	}
	kept := slices.DeleteFunc(addrs, func(a client.Address) bool { return !re.MatchString(a.Name) })
	if len(kept) == 0 {
		return nil, fmt.Errorf("-servers /%s/ matches none of the hosts of -discovery", expr)
	}
	return kept, nil
}

// discover gives the hosts of -discovery METHOD:ARGUMENT.
func (o *options) discover(ctx context.Context) ([]client.Address, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	method, arg, _ := strings.Cut(o.discovery, ":")
	method = strings.ToLower(method)
	if arg == "" {
		return nil, fmt.Errorf("-discovery %q has no argument: write %s:SOMETHING", o.discovery, method)
	}
	switch method {
	case "comma":
		return client.ParseHosts(arg)
	case "file":
		return client.ParseServers(arg, os.ReadFile)
	case "srv":
		return discoverSRV(ctx, arg)
	case "exec":
		return discoverExec(ctx, arg)
	case "ansible":
		return discoverAnsible(arg)
	}
	known := []string{"comma", "file", "srv", "exec", "ansible"}
	return nil, fmt.Errorf("-discovery %q: the methods are %s%s", method, strings.Join(known, ", "), didYouMean("", method, known))
}

// discoverSRV asks the DNS for a service's hosts and ports (RFC 2782).
func discoverSRV(ctx context.Context, name string) ([]client.Address, error) {
	_, records, err := net.DefaultResolver.LookupSRV(ctx, "", "", name)
	if err != nil {
		return nil, fmt.Errorf("-discovery srv: %w", err)
	}
	var hosts []string
	for _, r := range records {
		hosts = append(hosts, fmt.Sprintf("%s:%d", strings.TrimSuffix(r.Target, "."), r.Port))
	}
	return client.ParseHosts(strings.Join(hosts, ","))
}

// discoverExec runs a command by the shell, which prints a host on each line.
func discoverExec(ctx context.Context, command string) ([]client.Address, error) {
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", command)
	cmd.Stderr = &stderr
	cmd.WaitDelay = time.Second // what it has started may hold the pipes longer
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("-discovery exec: %s: %w: %s", command, err, bytes.TrimSpace(stderr.Bytes()))
	}
	addrs, err := client.ParseServers("its output", func(string) ([]byte, error) { return out, nil })
	if err != nil {
		return nil, fmt.Errorf("-discovery exec: %s: %w", command, err)
	}
	return addrs, nil
}
