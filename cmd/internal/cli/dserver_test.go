package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestDserverUsage(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	key := filepath.Join(dir, "key")
	good := file("good", `{"server": {"bindAddress": ["127.0.0.1", "::1"], "port": 0, "hostKey": "`+key+`", "maxConnections": 5, "hostname": "h"}}`)
	for _, test := range []struct {
		args   string
		status int
		want   string // part of what is printed
	}{
		{"-help", 0, "usage: dserver [flags]"},
		{"--version", 0, "protocol 1"},
		{"-check -cfg none -hostKey " + key, 0, "the configuration is valid"},
		{"--check --cfg=" + good, 0, "the configuration is valid"},
		{"-cehck", 2, "unknown flag -cehck, did you mean -check?"},
		{"-zzzzzz", 2, "unknown flag -zzzzzz\n"},
		{"-check extra", 2, `unexpected argument "extra"`},
		{"-check -cfg " + file("prot", `{"server": {"prot": 1}}`), 2, `server: unknown key "prot", did you mean port?`},
		{"-check -cfg " + file("case", `{"server": {"hostkey": "x"}}`), 2, `did you mean hostKey?`},
		{"-check -cfg " + file("type", "{\"server\": {\n  \"port\": \"x\"\n}}"), 2, "line 2, column 13"},
		{"-check -cfg " + file("syntax", "{\n\"port\": 1,}"), 2, "line 2"},
		{"-check -cfg " + filepath.Join(dir, "missing"), 2, "no such file"},
		{"-check -cfg none -port 70000", 2, "the port 70000 is not between 0 and 65535"},
		{"-check -cfg none -port x", 2, `invalid value "x" for flag -port`},
		{"-check -cfg none -bindAddress 127.0.0.1:22", 2, "that is -port"},
		{"-check -cfg none -logLevel loud", 2, `unknown -logLevel "loud"`},
		{"-check -cfg none -logger syslog", 2, `unknown -logger "syslog"`},
		{"-check -cfg none -logger FOUT -logLevel Verbose -hostKey " + key, 0, "valid"},
		{"-check -cfg none -authorizedKeys %x", 2, "unknown sign %x"},
		{"-check -cfg none -hostKey " + file("bad", "no key"), 2, "load host key"},
		{"-check -cfg " + file("negative", `{"server": {"maxConnections": -1}}`), 2, "less than 0"},
	} {
		os.Remove(key)
		var out bytes.Buffer
		status := Dserver(context.Background(), strings.Fields(test.args), strings.NewReader(""), &out, &out)
		if status != test.status || !strings.Contains(out.String(), test.want) {
			t.Errorf("%s: status %d, want %d; got %s", test.args, status, test.status, out.String())
		}
		if _, err := os.Stat(key); err == nil && strings.Contains(test.args, "check") {
			t.Errorf("%s: made a host key", test.args)
		}
	}
}

func TestDserverKeys(t *testing.T) {
	b, err := json.Marshal(dserverConfig{})
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(b, &fields); err != nil {
		t.Fatal(err)
	}
	if got, want := slices.Sorted(slices.Values(dserverKeys())), slices.Sorted(maps.Keys(fields)); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestDserverPrecedence: flag, environment, file, default.
func TestDserverPrecedence(t *testing.T) {
	cfg := filepath.Join(t.TempDir(), "cfg")
	if err := os.WriteFile(cfg, []byte(`{"server": {"hostname": "file", "port": 7, "bindAddress": ["a", "b"]}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	read := func(args ...string) *dserverOptions {
		t.Helper()
		opt, err := readDserver(append(args, "-hostKey", "k"))
		if err != nil {
			t.Fatal(err)
		}
		return opt
	}
	if o := read("-cfg", "none"); o.Port != 2222 || o.Hostname != "" || o.AuthorizedKeys != "%h/.ssh/authorized_keys" {
		t.Error("default:", o)
	}
	if o := read("-cfg", cfg); o.Port != 7 || o.Hostname != "file" || strings.Join(o.BindAddress, " ") != "a b" {
		t.Error("file:", o)
	}
	t.Setenv("DTAIL_HOSTNAME_OVERRIDE", "dtail")
	if o := read("-cfg", cfg); o.Hostname != "dtail" {
		t.Error("environment:", o)
	}
	t.Setenv("FANTAIL_HOSTNAME", "fantail")
	if o := read("-cfg", cfg); o.Hostname != "fantail" {
		t.Error("environment:", o)
	}
	o := read("-cfg", cfg, "-hostname", "flag", "--port=8", "-bindAddress", "c", "-bindAddress=d")
	if o.Hostname != "flag" || o.Port != 8 || strings.Join(o.BindAddress, " ") != "c d" {
		t.Error("flag:", o)
	}
}
