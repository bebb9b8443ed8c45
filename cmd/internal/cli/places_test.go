package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPlaces(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	list := file("hosts", "# web\nweb1\n\nweb2:23 # second\n[::1]:24\n")
	cfg := file("config.json", `{"client": {"port": 22}, "groups": {"web": ["web[1-2]", "@edge"], "edge": ["e1"], "loop": ["@loop"]}}`)
	inventory := file("inventory", "[web]\nweb[01:02] ansible_user=deploy\n[db]\ndb1 ansible_host=10.0.0.1 ; old\n[all:vars]\nx=1\n[prod:children]\nweb\nprod\n")
	tests := []struct{ args, want string }{
		{"-files /a -servers h1,h2:23", "h1:/a h2:23:/a"},
		{"-servers h1 -files /a,/b\\,c /d", "h1:/d,/a,/b,c"},
		{"-servers h[8-10] -files /a", "h8:/a h9:/a h10:/a"},
		{"h1:/a u@h1:/b h1:/c", "h1:/a,/c u@h1:/b"},
		{"[::1]:/a -servers ::2 -files /b", "[::1]:/a ::2:/b"},
		{"/a ./x:y", "local:/a,./x:y"},
		{"-servers serverless /a", "local:/a"},
		{"", "local:-"},
		{"-servers " + list + " -files /a", "web1:/a web2:23:/a [::1]:24:/a"},
		{"-cfg " + cfg + " -servers @web,h9,!web2 -files /a", "web1:/a e1:/a h9:/a"},
		{"-cfg " + cfg + " -servers @wbe -files /a", `error: the configuration has no group "wbe", did you mean web?`},
		{"-cfg " + cfg + " -servers @loop -files /a", `error: group "loop": the group "loop" contains itself`},
		{"-discovery comma:h1,h2 -servers /2$/ -files /a", "h2:/a"},
		{"-discovery comma:h1 -servers /2$/ -files /a", "error: -servers /2$/ matches none of the hosts of -discovery"},
		{"-discovery file:" + list + " -servers /web/ -files /a", "web1:/a web2:23:/a"},
		{"-discovery ansible:" + inventory + " -files /a", "deploy@web01:/a deploy@web02:/a 10.0.0.1:/a"},
		{"-discovery ansible:" + inventory + "#prod -files /a", "deploy@web01:/a deploy@web02:/a"},
		{"-discovery ansible:" + inventory + "#none -files /a", "no hosts in a group"},
		{"-discovery coma:h1 -files /a", "did you mean comma?"},
		{"-servers /x/ -files /a", "give that too"},
		{"-servers h1", "error: which files?"},
	}
	for _, tt := range tests {
		o, _, err := newOptions("dcat", append([]string{"-cfg", "none"}, strings.Fields(tt.args)...), func(string) string { return "" })
		if err != nil {
			t.Fatalf("%s: %v", tt.args, err)
		}
		places, err := o.findPlaces(context.Background(), &bytes.Buffer{})
		var got []string
		for _, p := range places {
			name := p.addr.Name
			if p.local {
				name = "local"
			}
			got = append(got, name+":"+strings.Join(p.globs, ","))
		}
		if err != nil {
			got = []string{"error:", err.Error()}
		}
		if text := strings.Join(got, " "); text != tt.want && !(err != nil && strings.Contains(text, tt.want)) {
			t.Errorf("%s\n got %s\nwant %s", tt.args, text, tt.want)
		}
	}
	o, _, err := newOptions("dcat", []string{"-cfg", "none", "-discovery", "exec:echo h1; echo h2:3", "-files", "/a"}, os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	places, err := o.findPlaces(context.Background(), nil)
	if err != nil || len(places) != 2 || places[1].addr.Name != "h2:3" {
		t.Errorf("exec: %v %v", places, err)
	}
}
