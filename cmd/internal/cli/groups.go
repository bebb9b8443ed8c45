package cli

import (
	"fmt"
	"slices"
	"strings"

	"fantail/client"
)

// groups are the configuration's named lists of hosts. A list may name other
// groups.
type groups map[string][]string

// hosts are those of a list such as @web,@db,!@canary,db7: groups and hosts, and
// without those that an exclamation mark precedes, whoever logs in there.
func (g groups) hosts(list string) ([]client.Address, error) {
	var in, out []client.Address
	for _, item := range client.SplitHosts(list) {
		name, exclude := strings.CutPrefix(item, "!")
		addrs, err := g.item(name, nil)
		if err != nil {
			return nil, err
		}
		if exclude {
			out = append(out, addrs...)
		} else {
			in = append(in, addrs...)
		}
	}
	var kept []client.Address
	for _, a := range in {
		excluded := slices.ContainsFunc(out, func(x client.Address) bool {
			return x.Host == a.Host && (x.Port == 0 || x.Port == a.Port)
		})
		if !excluded && !slices.Contains(kept, a) {
			kept = append(kept, a)
		}
	}
	if len(kept) == 0 {
		return nil, fmt.Errorf("-servers %s names no host", list)
	}
	return kept, nil
}

// item is a host, or with @ the hosts of a group. Within are the groups around it.
func (g groups) item(item string, within []string) ([]client.Address, error) {
	name, isGroup := strings.CutPrefix(item, "@")
	if !isGroup {
		return client.ParseHosts(item)
	}
	members, ok := g[name]
	if !ok {
		var known []string
		for k := range g {
			known = append(known, k)
		}
		slices.Sort(known)
		return nil, fmt.Errorf("the configuration has no group %q%s", name, didYouMean("", name, known))
	}
	if slices.Contains(within, name) {
		return nil, fmt.Errorf("the group %q contains itself", name)
	}
	var addrs []client.Address
	for _, m := range members {
		more, err := g.item(m, append(within, name))
		if err != nil {
			return nil, fmt.Errorf("group %q: %w", name, err)
		}
		addrs = append(addrs, more...)
	}
	return addrs, nil
}
