package client

import (
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"strings"
	"testing"
)

func noFile(string) ([]byte, error) { return nil, fs.ErrNotExist }

// show prints addresses so that a test's table stays short.
func show(addrs []Address) string {
	var b strings.Builder
	for _, a := range addrs {
		fmt.Fprintf(&b, "%s|%s|%d ", a.User, a.Host, a.Port)
	}
	return strings.TrimSpace(b.String())
}

func TestParseServers(t *testing.T) {
	for list, want := range map[string]string{
		"":                              "",
		"web1":                          "|web1|0",
		"web1:2223":                     "|web1|2223",
		"alice@web1":                    "alice|web1|0",
		"alice@corp.org@web1:22":        "alice@corp.org|web1|22",
		"[::1]:2222":                    "|::1|2222",
		"[::1]":                         "|::1|0",
		"::1":                           "|::1|0",
		"fe80::1%eth0":                  "|fe80::1%eth0|0",
		"bob@[2001:db8::1]:99,10.0.0.1": "bob|2001:db8::1|99 |10.0.0.1|0",
		"web[08-11].example.org":        "|web08.example.org|0 |web09.example.org|0 |web10.example.org|0 |web11.example.org|0",
		"w[1,3,5-6]":                    "|w1|0 |w3|0 |w5|0 |w6|0",
		"r[1-2]n[07-08]:9":              "|r1n07|9 |r1n08|9 |r2n07|9 |r2n08|9",
		"[1-2]a":                        "|1a|0 |2a|0",
		"web1, web2,,web1,WEB2":         "|web1|0 |web2|0",
		"web1,web1:22,root@web1":        "|web1|0 |web1|22 root|web1|0",
		"w[9-10]":                       "|w9|0 |w10|0",
	} {
		addrs, err := ParseServers(list, noFile)
		if err != nil || show(addrs) != want {
			t.Errorf("%q: got %s, %v; want %s", list, show(addrs), err, want)
		}
	}
}

func TestNamesAreAsWritten(t *testing.T) {
	addrs, err := ParseServers("bob@w[1-2]:9,[::1]:7", noFile)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, a := range addrs {
		names = append(names, a.Name)
	}
	if want := []string{"bob@w1:9", "bob@w2:9", "[::1]:7"}; !reflect.DeepEqual(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
}

func TestParseServersRefuses(t *testing.T) {
	for list, want := range map[string]string{
		"web1:0":           `"0" is not a port`,
		"web1:ssh":         `"ssh" is not a port`,
		"web1:":            `"" is not a port`,
		"a:b:c":            "[IPv6 address]:port",
		"@web1":            "no user before the @",
		"alice@":           "host name is empty",
		"web[1-3":          "not closed",
		"web[3-1]":         "write 1-3",
		"web[]":            `"" is not a range`,
		"web[a-c]":         `"a-c" is not a range`,
		"web[1-99999999]":  "more than 100000 hosts",
		"[1-999][1-999]":   "more than 100000 hosts",
		"[::g]:22":         `"::g" in brackets`,
		"[web:1]":          `"web:1" in brackets`,
		"web 1":            `' ' cannot be part`,
		"-oProxyCommand=x": "begin with a dash",
		"web*":             `'*' cannot be part`,
		",":                "names no host",
		"dir/hosts.txt":    "does not exist",
	} {
		_, err := ParseServers(list, noFile)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want an error with %s", list, err, want)
		}
	}
}

func TestServerFile(t *testing.T) {
	file := func(text string) func(string) ([]byte, error) {
		return func(string) ([]byte, error) { return []byte(text), nil }
	}
	addrs, err := ParseServers("hosts.txt", file("# all\n\nweb1\r\n  web[2-3]:9 # two\nweb1,web4"))
	if want := "|web1|0 |web2|9 |web3|9 |web4|0"; err != nil || show(addrs) != want {
		t.Errorf("got %s, %v; want %s", show(addrs), err, want)
	}
	_, err = ParseServers("hosts.txt", file("web1\nweb 2\n"))
	if err == nil || !strings.HasPrefix(err.Error(), `hosts.txt:2: "web 2"`) {
		t.Errorf("got %v, want an error that names the line", err)
	}
	if _, err = ParseServers("hosts.txt", file("# nobody\n")); err == nil {
		t.Error("a file without hosts is no error")
	}
	denied := func(string) ([]byte, error) { return nil, errors.New("permission denied") }
	if _, err = ParseServers("/etc/hosts.txt", denied); err == nil || !strings.Contains(err.Error(), "denied") {
		t.Errorf("got %v, want the cause", err)
	}
	if addrs, err = ParseServers("web1", denied); err != nil || show(addrs) != "|web1|0" {
		t.Errorf("got %s, %v: a directory that is named like a host hides it", show(addrs), err)
	}
}

func TestParseRemotePath(t *testing.T) {
	for arg, want := range map[string]string{
		"web1:/var/log/syslog":        "|web1|0 /var/log/syslog",
		"deploy@web[1-2]:/l/*.log":    "deploy|web1|0 deploy|web2|0 /l/*.log",
		"[::1]:/path":                 "|::1|0 /path",
		"root@[fe80::1%eth0]:a:b":     "root|fe80::1%eth0|0 a:b",
		"web1:rel":                    "|web1|0 rel",
		"w[1,3]:x[0-9].log":           "|w1|0 |w3|0 x[0-9].log",
		"app.log":                     "local",
		"./a:b":                       "local",
		"/var/log/a:b":                "local",
		":x":                          "local",
		"":                            "local",
		"log[[:digit:]].txt":          "local",
		"web1:":                       "error",
		"web 1:/x":                    "error",
		"web[2-1]:/x":                 "error",
		"web1,web2:/var/log/messages": "|web1|0 |web2|0 /var/log/messages",
	} {
		addrs, path, ok, err := ParseRemotePath(arg)
		got := show(addrs) + " " + path
		if err != nil {
			got = "error"
		} else if !ok {
			got = "local"
		}
		if got != want {
			t.Errorf("%q: got %s (%v), want %s", arg, got, err, want)
		}
	}
}

func FuzzParseServers(f *testing.F) {
	for _, seed := range []string{"web[01-40].example.org", "[::1]:2222,a@b", "x[1,3-5]y[2]", "a]b[", "[[1]]"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, list string) {
		addrs, err := ParseServers(list, noFile)
		if err != nil {
			return
		}
		for _, a := range addrs {
			again, err := parseAddress(a.Name)
			if err != nil || again != a {
				t.Errorf("%q reads as %+v, then as %+v, %v", a.Name, a, again, err)
			}
		}
	})
}
