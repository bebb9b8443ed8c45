package cli

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"fantail/client"
)

// discoverAnsible reads an Ansible inventory in the INI form: the hosts of all
// groups, or with PATH#GROUP those of one and of its children.
func discoverAnsible(arg string) ([]client.Address, error) {
	path, group, _ := strings.Cut(arg, "#")
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("-discovery ansible: %w", err)
	}
	inv := readInventory(string(text))
	hosts := inv.all
	if group != "" {
		if hosts = inv.members(group, nil); len(hosts) == 0 {
			return nil, fmt.Errorf("-discovery ansible: %s has no hosts in a group %q", path, group)
		}
	}
	return client.ParseHosts(strings.Join(hosts, ","))
}

// inventory is what an Ansible inventory says of hosts.
type inventory struct {
	all      []string            // as client.ParseHosts reads them
	groups   map[string][]string // hosts
	children map[string][]string // groups
}

func readInventory(text string) inventory {
	inv := inventory{groups: map[string][]string{}, children: map[string][]string{}}
	section, kind := "ungrouped", ""
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		line, _, _ = strings.Cut(line, ";")
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
		case strings.HasPrefix(words[0], "["):
			section, kind, _ = strings.Cut(strings.Trim(words[0], "[]"), ":")
		case kind == "children":
			inv.children[section] = append(inv.children[section], words[0])
		case kind == "":
			host := inventoryHost(words)
			inv.all = append(inv.all, host)
			inv.groups[section] = append(inv.groups[section], host)
		}
	}
	return inv
}

// inventoryHost is a host line: a name, perhaps with ranges [01:20], and
// variables, of which those say where it is that ansible_host, ansible_port and
// ansible_user set. A dserver's port is not sshd's, so ansible_port says nothing.
func inventoryHost(words []string) string {
	host := ranges(words[0])
	user := ""
	for _, w := range words[1:] {
		switch name, value, _ := strings.Cut(w, "="); name {
		case "ansible_host", "ansible_ssh_host":
			host = value
		case "ansible_user", "ansible_ssh_user":
			user = value + "@"
		}
	}
	return user + host
}

// ranges writes Ansible's [01:20] as our [01-20].
func ranges(name string) string {
	return regexp.MustCompile(`\[(\d+):(\d+)\]`).ReplaceAllString(name, "[$1-$2]")
}

// members are a group's hosts and those of its children. Within are the groups
// around it, which cannot be its children.
func (inv inventory) members(group string, within []string) []string {
	if slices.Contains(within, group) {
		return nil
	}
	hosts := slices.Clone(inv.groups[group])
	for _, child := range inv.children[group] {
		hosts = append(hosts, inv.members(child, append(within, group))...)
	}
	return hosts
}
