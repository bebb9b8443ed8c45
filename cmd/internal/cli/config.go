package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// config is the configuration file, the same for all commands: JSON, in which an
// unknown key is an error, since it would else be a setting that somebody
// believes in.
type config struct {
	path   string                     // "": there is none
	text   []byte                     // for the places of errors
	Client map[string]json.RawMessage `json:"client"` // by the names of the clients' flags
	Server json.RawMessage            `json:"server"` // see dserverConfig
	Groups groups                     `json:"groups"` // of hosts, for -servers @NAME
}

// loadConfig reads a configuration file, or with "" the first of the usual ones
// that is there, or with "none" nothing.
func loadConfig(path string) (*config, error) {
	if path == "none" {
		return &config{}, nil
	}
	path, text, err := readConfig(path)
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	c := &config{path: path, text: text}
	if path == "" {
		return c, nil
	}
	if err := c.decode(); err != nil {
		return nil, fmt.Errorf("configuration %s: %w", path, err)
	}
	return c, nil
}

// readConfig reads the file, or the first of the usual ones that is there.
func readConfig(cfg string) (path string, text []byte, err error) {
	if cfg != "" {
		text, err = os.ReadFile(cfg)
		return cfg, text, err
	}
	paths := []string{"/etc/fantail/config.json"}
	if dir, err := os.UserConfigDir(); err == nil {
		paths = slices.Insert(paths, 0, filepath.Join(dir, "fantail", "config.json"))
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return path, text, err
		}
	}
	return "", nil, nil
}

func (c *config) decode() error {
	if err := knownKeys(c.text, []string{"client", "server", "groups"}); err != nil {
		return jsonError(c.text, err)
	}
	return jsonError(c.text, json.Unmarshal(c.text, c))
}

// knownKeys is an error about the first key of an object that is not known.
func knownKeys(object []byte, known []string) error {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(object, &keys); err != nil {
		return err
	}
	for _, key := range sortedKeys(keys) {
		if !slices.Contains(known, key) {
			return fmt.Errorf("unknown key %q%s", key, didYouMean("", key, known))
		}
	}
	return nil
}

func sortedKeys(m map[string]json.RawMessage) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// setFlags sets the clients' flags as the file says, but for those that skip
// names. A key that is the flag of another client is no error.
func (c *config) setFlags(f *flag.FlagSet, skip func(name string) bool) error {
	known := clientFlags()
	for _, name := range sortedKeys(c.Client) {
		if !slices.Contains(known, name) {
			return fmt.Errorf("configuration %s: client: unknown key %q%s", c.path, name, didYouMean("", name, known))
		}
		if f.Lookup(name) == nil || skip(name) {
			continue
		}
		if err := f.Set(name, scalar(c.Client[name])); err != nil {
			return fmt.Errorf("configuration %s: client: %s: %s is not valid: %w", c.path, name, c.Client[name], err)
		}
	}
	return nil
}

// scalar is the text of a JSON value as it would stand on a command line.
func scalar(v json.RawMessage) string {
	var s string
	if json.Unmarshal(v, &s) == nil {
		return s
	}
	return strings.TrimSpace(string(v))
}

// jsonError says at which line and column.
func jsonError(b []byte, err error) error {
	var offset int64
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		offset = kind.Offset
	default:
		return err
	}
	before := b[:min(int(offset), len(b))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := len(before) - bytes.LastIndexByte(before, '\n') - 1
	return fmt.Errorf("line %d, column %d: %w", line, column, err)
}
