//go:build linux

// Where all of 127.0.0.0/8 is loopback.

package cli_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// notRun are the blocks of commands in the documentation that this test does not
// run, by their first line, and why. A block that is run is marked sh, one that
// is not console.
func notRun() map[string]string {
	return map[string]string{
		"$ go run ./cmd/dmap -demo":                                           "its numbers differ each time; the command has a test of its own",
		"$ go test ./...":                                                     "that is what runs this test",
		"$ ssh web1 'dserver &'":                                              "needs a host of that name",
		"$ dtail web1:/var/log/syslog":                                        "needs a host of that name, and goes on for ever",
		"$ sudo install -m 755 dserver /usr/local/bin/dserver":                "needs root",
		"$ sudo systemctl enable --now dserver@logs":                          "needs systemd",
		"$ kill -HUP $(pidof dserver)":                                        "signals whatever dserver runs on the machine",
		"$ dtail -regex ERROR -files '/var/log/app/*.log' -servers web1,web2": "needs hosts of those names",
		"$ dmap -servers web1,web2 -files /var/log/app/stats.log 'select service, count(*) from stats group by service interval 10'": "needs hosts of those names",
	}
}

// docBlock is a fenced block.
type docBlock struct {
	file string
	line int // of the fence
	kind string
	text string
}

func (b docBlock) String() string { return fmt.Sprintf("%s:%d", b.file, b.line) }

// docFiles are all pages, as paths from the module's folder.
func docFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root(t), "docs", "*.md"))
	if err != nil || len(files) < 8 {
		t.Fatalf("docs/*.md: %q, %v", files, err)
	}
	for i, f := range files {
		files[i] = "docs/" + filepath.Base(f)
	}
	return append(files, "README.md", "grammar.md")
}

func readDoc(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), file))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// docBlocks gives the fenced blocks of a page.
func docBlocks(t *testing.T, file string) []docBlock {
	t.Helper()
	var blocks []docBlock
	var open *docBlock
	n := 0
	for line := range strings.Lines(readDoc(t, file)) {
		n++
		fence, isFence := strings.CutPrefix(strings.TrimRight(line, "\n"), "```")
		switch {
		case isFence && open == nil:
			open = &docBlock{file: file, line: n, kind: fence}
		case isFence:
			blocks = append(blocks, *open)
			open = nil
		case open != nil:
			open.text += line
		}
	}
	if open != nil {
		t.Errorf("%v is not closed", open)
	}
	return blocks
}

// example is a command and all that it prints.
type example struct{ command, output string }

// examples reads a block as a terminal shows a session: "$ " stands before a
// command, "> " before its further lines, and the rest is output.
func (b docBlock) examples() ([]example, error) {
	var all []example
	for line := range strings.Lines(b.text) {
		command, isCommand := strings.CutPrefix(line, "$ ")
		more, isMore := strings.CutPrefix(line, "> ")
		switch last := len(all) - 1; {
		case isCommand:
			all = append(all, example{command: command})
		case last < 0:
			return nil, fmt.Errorf("%v does not begin with a command", b)
		case isMore && all[last].output == "":
			all[last].command += more
		default:
			all[last].output += line
		}
	}
	return all, nil
}

// TestDocs holds the pages against the commands as they are.
func TestDocs(t *testing.T) {
	d := newDocShell(t)
	t.Run("Examples", d.testExamples)
	t.Run("Queries", d.testQueries)
	t.Run("JSON", d.testJSON)
	t.Run("Flags", d.testFlags)
	t.Run("NoOtherFlags", d.testNoOtherFlags)
}

// testExamples runs every block of commands, in which what stands behind a
// command is all that it prints. With FANTAIL_UPDATE=1 it writes down what they
// print.
func (d *docShell) testExamples(t *testing.T) {
	for _, file := range docFiles(t) {
		t.Run(strings.ReplaceAll(file, "/", "_"), func(t *testing.T) {
			d.checkout(t)
			page := readDoc(t, file)
			for _, b := range docBlocks(t, file) {
				if b.kind == "sh" {
					page = strings.Replace(page, b.text, d.session(t, b), 1)
				}
			}
			if os.Getenv("FANTAIL_UPDATE") != "" {
				if err := os.WriteFile(filepath.Join(root(t), file), []byte(page), 0o666); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// session runs a block's commands in one shell, compares what they print, and
// gives the block as it should be.
func (d *docShell) session(t *testing.T, b docBlock) string {
	t.Helper()
	examples, err := b.examples()
	if err != nil {
		t.Error(err)
		return b.text
	}
	const mark = "--- end of the output ---"
	var script strings.Builder
	for _, e := range examples {
		fmt.Fprintf(&script, "%sstatus=$?; echo '%s'; (exit $status)\n", e.command, mark)
	}
	got, _ := d.run(t, "sh", "-c", script.String()) // the status is the last command's
	got = strings.NewReplacer(d.work(), "/home/you/fantail", "port "+d.port, "port 2222").Replace(got)
	outputs := strings.Split(got, mark+"\n")
	if len(outputs) != len(examples)+1 {
		t.Errorf("%v: %d commands, but\n%s", b, len(examples), got)
		return b.text
	}
	var page strings.Builder
	for i, e := range examples {
		got, want := steady(outputs[i]), steady(e.output)
		if got != want {
			t.Errorf("%v: $ %sprinted\n%s\nwant\n%s\nFANTAIL_UPDATE=1 go test ./cmd/internal/cli -run TestDocs writes down what they print", b, e.command, got, want)
			e.output = outputs[i]
		}
		lines := strings.TrimSuffix(e.command, "\n")
		page.WriteString("$ " + strings.ReplaceAll(lines, "\n", "\n> ") + "\n" + e.output)
	}
	return page.String()
}

// steady replaces what differs each time, how long a run took, and what is not
// seen, blanks at the end of a line.
func steady(output string) string {
	output = regexp.MustCompile(`(?m)(gaps · )(\d+ ms|\d+\.\d s)$`).ReplaceAllString(output, "${1}TIME")
	return regexp.MustCompile(`(?m) +$`).ReplaceAllString(output, "")
}

// testQueries runs the queries of grammar.md.
func (d *docShell) testQueries(t *testing.T) {
	d.checkout(t)
	n := 0
	for _, b := range docBlocks(t, "grammar.md") {
		if b.kind != "sql" {
			continue
		}
		n++
		out, err := d.run(t, "dmap", "-once", b.text, sampleOf(t, b.text))
		if err != nil { // 1 if it gives nothing: then it shows nothing
			t.Errorf("%v: %v\n%s%s", b, err, b.text, out)
		}
	}
	if n < 15 {
		t.Errorf("only %d queries", n)
	}
}

// TestNotRun keeps the list of what is not run complete.
func TestNotRun(t *testing.T) {
	known := notRun()
	seen := map[string]bool{}
	for _, file := range docFiles(t) {
		for _, b := range docBlocks(t, file) {
			first, _, _ := strings.Cut(b.text, "\n")
			switch b.kind {
			case "sh", "sql", "ebnf", "text", "json", "ini", "go":
			case "console":
				if known[first] == "" {
					t.Errorf("%v: why is %q not run?", b, first)
				}
				seen[first] = true
			default:
				t.Errorf("%v: a block of kind %q: sh, sql, json, console, ini, text, go", b, b.kind)
			}
		}
	}
	for first := range known {
		if !seen[first] {
			t.Errorf("no block begins with %q", first)
		}
	}
}

// testJSON checks the configurations.
func (d *docShell) testJSON(t *testing.T) {
	for _, file := range docFiles(t) {
		for _, b := range docBlocks(t, file) {
			if b.kind != "json" {
				continue
			}
			if !json.Valid([]byte(b.text)) {
				t.Errorf("%v is no JSON", b)
			}
			path := filepath.Join(t.TempDir(), "config.json")
			if err := os.WriteFile(path, []byte(b.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := d.run(t, "dserver", "-check", "-cfg", path); err != nil {
				t.Errorf("%v: dserver -check: %s", b, out)
			}
			if out, err := d.run(t, "dmap", "-cfg", path, "-explain", "select $line"); err != nil {
				t.Errorf("%v: dmap -cfg: %s", b, out)
			}
		}
	}
}

// TestDocLinks looks for what relative links lead to.
func TestDocLinks(t *testing.T) {
	links := regexp.MustCompile(`\]\(([^)#\s]*)(#[^)\s]*)?\)`)
	for _, file := range docFiles(t) {
		for _, m := range links.FindAllStringSubmatch(readDoc(t, file), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			target := filepath.Join(filepath.Dir(file), m[1])
			if m[1] == "" {
				target = file
			}
			if _, err := os.Stat(filepath.Join(root(t), target)); err != nil {
				t.Errorf("%s: the link to %s leads nowhere", file, m[0])
			} else if m[2] != "" && !hasHeading(readDoc(t, target), m[2][1:]) {
				t.Errorf("%s: %s has no heading %s", file, target, m[2])
			}
		}
	}
}

// hasHeading tells whether a page has the anchor, as GitHub makes them.
func hasHeading(page, anchor string) bool {
	other := regexp.MustCompile(`[^a-z0-9 _-]`)
	for line := range strings.Lines(page) {
		if title := strings.TrimLeft(line, "#"); title != line {
			title = other.ReplaceAllString(strings.ToLower(strings.TrimSpace(title)), "")
			if strings.ReplaceAll(title, " ", "-") == anchor {
				return true
			}
		}
	}
	return false
}

// TestDocNames looks for the files and the declarations that the pages name:
// `exec/run.go`, `exec.Run`, `client.Query.Output`.
func TestDocNames(t *testing.T) {
	code := regexp.MustCompile("`([^`\n]+)`")
	path := regexp.MustCompile(`^[a-z./]+/[\w./]*$|^[\w/]+\.(go|md)$`)
	name := regexp.MustCompile(`^(parser|planner|exec|format|follow|wire|server|client|cli)\.([A-Za-z]\w*)((?:\.[A-Za-z]\w*)?)(\(\))?$`)
	declared := declarations(t)
	for _, file := range docFiles(t) {
		for _, m := range code.FindAllStringSubmatch(readDoc(t, file), -1) {
			if n := name.FindStringSubmatch(m[1]); n != nil && n[2] != "go" {
				if !declared[n[1]+"."+n[2]+n[3]] {
					t.Errorf("%s names %s, which is not declared", file, m[0])
				}
				continue
			}
			if first, _, _ := strings.Cut(m[1], "/"); !path.MatchString(m[1]) || !slices.Contains(folders(), first) {
				continue
			}
			if _, err := os.Stat(filepath.Join(root(t), m[1])); err != nil {
				t.Errorf("%s names %s, which is not there", file, m[0])
			}
		}
	}
}

// declarations are the names that the module's packages declare: package.Name,
// package.Type.Field and package.Type.Method.
func declarations(t *testing.T) map[string]bool {
	names := map[string]bool{}
	for _, path := range goFiles(t) {
		if !strings.HasSuffix(path, "_test.go") {
			declare(t, path, names)
		}
	}
	return names
}

// testFlags finds flags that no table has.
func (d *docShell) testFlags(t *testing.T) {
	pages := map[string]string{"dserver": "docs/dserver.md", "dtailhealth": "docs/dserver.md"}
	for _, command := range commandNames() {
		page := pages[command]
		if page == "" {
			page = "docs/commands.md"
		}
		text := readDoc(t, page)
		out, err := d.run(t, command, "-help")
		if err != nil {
			t.Fatalf("%s -help: %v", command, err)
		}
		flags := regexp.MustCompile(`(?m)^  -([\w-]+)`).FindAllStringSubmatch(out, -1)
		if len(flags) < 3 {
			t.Fatalf("%s -help\n%s", command, out)
		}
		for _, f := range flags {
			if !regexp.MustCompile("`-" + f[1] + "[` ]").MatchString(text) {
				t.Errorf("%s has no flag -%s of %s", page, f[1], command)
			}
		}
	}
}

// testNoOtherFlags finds flags in the tables that no command takes.
func (d *docShell) testNoOtherFlags(t *testing.T) {
	known := map[string]bool{"help": true}
	for _, command := range commandNames() {
		out, _ := d.run(t, command, "-help")
		for _, f := range regexp.MustCompile(`(?m)^  -([\w-]+)`).FindAllStringSubmatch(out, -1) {
			known[f[1]] = true
		}
	}
	row := regexp.MustCompile(`(?m)^\| (.*?) \|`)
	flag := regexp.MustCompile("`--?([A-Za-z][\\w-]*)")
	for _, page := range []string{"docs/commands.md", "docs/dserver.md"} {
		for _, r := range row.FindAllStringSubmatch(readDoc(t, page), -1) {
			for _, f := range flag.FindAllStringSubmatch(r[1], -1) {
				if !known[f[1]] {
					t.Errorf("%s tells of a flag -%s, which there is not", page, f[1])
				}
			}
		}
	}
}

// TestDocDependencies holds docs/dependencies.md against go.mod.
func TestDocDependencies(t *testing.T) {
	text := readDoc(t, "docs/dependencies.md")
	required := regexp.MustCompile(`(?m)^\t(\S+\.\S+/\S+) v`).FindAllStringSubmatch(readDoc(t, "go.mod"), -1)
	if len(required) < 10 {
		t.Fatalf("only %d modules in go.mod", len(required))
	}
	var modules []string
	for _, m := range required {
		modules = append(modules, m[1])
		if !strings.Contains(text, "`"+m[1]+"`") {
			t.Errorf("docs/dependencies.md does not say why there is %s", m[1])
		}
	}
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)`").FindAllStringSubmatch(text, -1) {
		if !slices.Contains(modules, m[1]) {
			t.Errorf("docs/dependencies.md tells of %s, which go.mod does not have", m[1])
		}
	}
}

func commandNames() []string {
	return []string{"dmap", "dgrep", "dtail", "dcat", "dserver", "dtailhealth"}
}
