package cli

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"fantail/client"
)

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
