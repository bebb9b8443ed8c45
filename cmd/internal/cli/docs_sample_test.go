package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sampleOf is a log in which a query finds something: one of its format, if there
// is one.
func sampleOf(t *testing.T, query string) string {
	if _, format, ok := strings.Cut(query, "logformat "); ok {
		name := "testdata/sample/" + strings.Fields(format)[0] + ".log"
		if _, err := os.Stat(filepath.Join(root(t), name)); err == nil {
			return name
		}
	}
	return "testdata/sample/stats.log"
}
