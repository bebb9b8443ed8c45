package cli

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// options are what the flags of the four clients say.
type options struct {
	name string // of the command

	// where the logs are
	servers   string
	files     texts
	discovery string
	groups    groups   // of hosts, in the configuration
	places    []string // arguments that are no flags: FILE, or HOST:PATH

	// how hosts are reached
	user       string
	key        string
	port       int
	cpc        int // connections being set up at once, for each CPU
	trustAll   bool
	knownHosts string
	cfg        string
	timeout    int // seconds; 0 none
	shutdown   int // seconds; 0 none

	// what is asked
	query    string
	once     bool
	explain  bool
	demo     bool
	patterns texts
	fixed    bool
	fold     bool
	invert   bool
	word     bool
	whole    bool
	before   int
	after    int
	context  int
	maximum  int
	lines    string // -n of dtail: NUM, or +NUM

	// what is printed
	plain      bool
	noColor    bool
	color      string
	quiet      bool
	format     string
	noHeader   bool
	vertical   bool
	outfile    string
	partial    string
	withHost   bool
	noNames    bool
	number     bool
	offset     bool
	count      bool
	withMatch  bool
	noMatch    bool
	silent     bool
	noMessages bool
	logger     string
	logLevel   string
	logDir     string
	version    bool
	help       bool
}

// newOptions reads a client's command line: a flag wins over the environment,
// that over the configuration file, that over the default. The flags that it
// returns are for the usage.
func newOptions(name string, args []string, getenv func(string) string) (*options, *flag.FlagSet, error) {
	given, flags := defineFlags(name)
	places, err := parseFlags(flags, args)
	if err != nil || given.help || given.version {
		return given, flags, err
	}
	set := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { set[f.Name] = true })
	o, flags := defineFlags(name)
	if err := o.fromEnvironment(flags, getenv, set); err != nil {
		return o, flags, err
	}
	c, err := loadConfig(cmp.Or(given.cfg, o.cfg))
	if err != nil {
		return o, flags, err
	}
	if err := c.setFlags(flags, func(name string) bool { return set[name] }); err != nil {
		return o, flags, err
	}
	_, err = parseFlags(flags, args)
	o.places, o.groups = places, c.Groups
	return o, flags, err
}

// defineFlags makes the flags of a client, which set what it returns.
func defineFlags(name string) (*options, *flag.FlagSet) {
	o := &options{name: name}
	f := flag.NewFlagSet(name, flag.ContinueOnError)
	o.allClients(f)
	switch name {
	case "dmap":
		o.forQueries(f)
		o.forTables(f)
		f.BoolVar(&o.demo, "demo", false, "show a live query over five servers in this process, with logs that grow")
	case "dtail":
		o.forQueries(f)
		o.forTables(f)
		o.forPatterns(f)
		o.forTail(f)
	case "dgrep":
		o.forPatterns(f)
		o.forGrep(f)
	}
	return o, f
}

// clientFlags are the names of all clients' long flags.
func clientFlags() []string {
	var names []string
	for _, client := range []string{"dmap", "dtail", "dgrep", "dcat"} {
		_, f := defineFlags(client)
		f.VisitAll(func(fl *flag.Flag) {
			if len(fl.Name) > 1 && fl.Name != "NUM" {
				names = append(names, fl.Name)
			}
		})
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (o *options) allClients(f *flag.FlagSet) {
	f.StringVar(&o.servers, "servers", "", "`hosts`: host[:port] separated by commas, web[01-40], @GROUP of the configuration, or a file with one a line")
	f.Var(&o.files, "files", "`paths` or patterns on every host, separated by commas (\\, is a comma); may be repeated")
	f.StringVar(&o.discovery, "discovery", "", "`method`:argument that gives the hosts: comma:LIST, file:PATH, srv:NAME, exec:COMMAND, ansible:INVENTORY[#GROUP]")
	f.StringVar(&o.user, "user", "", "log in as `name`")
	f.StringVar(&o.key, "key", "", "private key `file`, and no other")
	f.IntVar(&o.port, "port", 2222, "`port` of dserver where a host is written without one")
	f.IntVar(&o.cpc, "cpc", 10, "connections being set up at once, for each CPU")
	f.BoolVar(&o.trustAll, "trustAllHosts", false, "do not ask about unknown hosts (a changed key is refused all the same)")
	f.StringVar(&o.knownHosts, "knownHosts", "", "known hosts `file` (default ~/.ssh/known_hosts)")
	f.StringVar(&o.cfg, "cfg", "", "configuration `file`, or none")
	f.IntVar(&o.timeout, "timeout", 0, "give up after so many `seconds`")
	f.BoolVar(&o.plain, "plain", false, "nothing but the bytes of the result")
	f.BoolVar(&o.noColor, "noColor", false, "no colours")
	f.StringVar(&o.color, "color", "auto", "`when` to use colours: auto, always, never")
	f.BoolVar(&o.quiet, "quiet", false, "no ledger and no notices, only errors")
	f.StringVar(&o.partial, "partial", "warn", "what a result is worth that lacks some hosts: `ok` (status 0), warn (3), fail (3, nothing shown)")
	f.StringVar(&o.logger, "logger", "none", "`where` diagnostics go beside standard error: none, file")
	f.StringVar(&o.logLevel, "logLevel", "info", "least `level` of what is told: none, error, warn, info")
	f.StringVar(&o.logDir, "logDir", "~/log", "`folder` of -logger file")
	f.BoolVar(&o.version, "version", false, "print the version and exit")
	f.BoolVar(&o.help, "help", false, "print this and exit")
	f.BoolVar(&o.withHost, "with-host", false, "host: (and file:) in front of each line")
}

func (o *options) forQueries(f *flag.FlagSet) {
	f.StringVar(&o.query, "query", "", "the `query`")
	f.BoolVar(&o.once, "once", false, "end at the end of the files, even where the query has an interval")
	f.BoolVar(&o.explain, "explain", false, "show how the query is run, and do not run it")
}

func (o *options) forTables(f *flag.FlagSet) {
	f.StringVar(&o.format, "format", "table", "`format` of results: table, vertical, csv, tsv, json")
	f.BoolVar(&o.noHeader, "no-header", false, "no line with the columns' names")
	f.BoolVar(&o.vertical, "x", false, "as -format vertical")
	f.StringVar(&o.outfile, "o", "", "`file` for the result: .csv, .tsv or .json")
	f.IntVar(&o.shutdown, "shutdownAfter", 0, "end a query that goes on after so many `seconds`")
}

func (o *options) forPatterns(f *flag.FlagSet) {
	f.Var(&o.patterns, "regex", "regular `expression` (RE2) of lines")
	f.Var(&o.patterns, "grep", "as -regex")
	f.BoolVar(&o.invert, "invert", false, "lines that do not match")
	f.IntVar(&o.before, "before", 0, "`lines` before each match")
	f.IntVar(&o.after, "after", 0, "`lines` after each match")
	f.IntVar(&o.maximum, "max", 0, "at most so many `matches` of a file")
}

func (o *options) forGrep(f *flag.FlagSet) {
	f.Var(&o.patterns, "e", "as -regex")
	f.BoolVar(&o.invert, "v", false, "as -invert")
	f.IntVar(&o.before, "B", 0, "as -before")
	f.IntVar(&o.after, "A", 0, "as -after")
	f.IntVar(&o.context, "C", 0, "`lines` before and after each match")
	f.IntVar(&o.context, "NUM", 0, "-5 is -C 5")
	f.IntVar(&o.maximum, "m", 0, "as -max")
	f.BoolVar(&o.fold, "i", false, "upper and lower case are equal")
	f.BoolVar(&o.fixed, "F", false, "patterns are plain text")
	f.BoolFunc("E", "patterns are regular expressions, as always", func(string) error { return nil })
	f.BoolFunc("P", "as -E: the syntax is RE2", func(string) error { return nil })
	f.BoolVar(&o.word, "w", false, "matches are whole words")
	f.BoolVar(&o.whole, "x", false, "matches are whole lines")
	f.BoolVar(&o.count, "c", false, "the number of matching lines of each file")
	f.BoolVar(&o.withMatch, "l", false, "names of files with a match")
	f.BoolVar(&o.noMatch, "L", false, "names of files without a match")
	f.BoolVar(&o.silent, "q", false, "nothing but the exit status")
	f.BoolVar(&o.noMessages, "s", false, "no errors about files")
	f.BoolVar(&o.number, "n", false, "the line's number in front of it")
	f.BoolVar(&o.offset, "b", false, "the line's byte offset in front of it")
	f.BoolVar(&o.withHost, "H", false, "as -with-host")
	f.BoolVar(&o.noNames, "h", false, "no names of hosts and files")
}

func (o *options) forTail(f *flag.FlagSet) {
	f.StringVar(&o.lines, "n", "10", "`lines` of each file to begin with, +NUM: from line NUM on")
	f.StringVar(&o.lines, "NUM", "10", "-5 is -n 5")
	f.BoolFunc("F", "follow by name, as always", func(string) error { return nil })
	f.BoolFunc("f", "follow, as always", func(string) error { return nil })
	f.BoolFunc("checkHealth", "see dtailhealth", func(string) error {
		return fmt.Errorf("health is checked by dtailhealth -server HOST:PORT")
	})
}

// fromEnvironment takes flags from FANTAIL_SERVERS, FANTAIL_USER and so on, and
// from DTail's variables, but for those in set, to which it adds what it takes.
func (o *options) fromEnvironment(f *flag.FlagSet, getenv func(string) string, set map[string]bool) error {
	names := map[string][]string{
		"key": {"DTAIL_AUTH_KEY_PATH", "DTAIL_SSH_PRIVATE_KEYFILE_PATH"},
	}
	for _, name := range []string{"servers", "files", "discovery", "user", "key", "port", "cfg", "knownHosts"} {
		for _, variable := range append([]string{"FANTAIL_" + strings.ToUpper(name)}, names[name]...) {
			value := getenv(variable)
			if value == "" || set[name] {
				continue
			}
			if err := setFlag(f, name, value); err != nil {
				return fmt.Errorf("environment %s: %w", variable, err)
			}
			set[name] = true
		}
	}
	return nil
}

// usage prints a command's flags.
func usage(w io.Writer, f *flag.FlagSet, synopsis string) {
	fmt.Fprint(w, synopsis, "\nflags:\n")
	f.VisitAll(func(fl *flag.Flag) {
		if fl.Name == "NUM" {
			return
		}
		value, text := flag.UnquoteUsage(fl)
		if value != "" {
			value = " " + value
		}
		if fl.DefValue != "" && fl.DefValue != "0" && fl.DefValue != "false" {
			text += " (default " + fl.DefValue + ")"
		}
		fmt.Fprintf(w, "  -%s%s\n        %s\n", fl.Name, value, text)
	})
}

// oneOf checks a flag that names one of some things.
func oneOf(name, value string, known ...string) error {
	if slices.Contains(known, value) {
		return nil
	}
	return fmt.Errorf("flag %s: %q is none of %s%s", name, value, strings.Join(known, ", "), didYouMean("", value, known))
}

// home expands a leading ~.
func home(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if dir, err := os.UserHomeDir(); err == nil {
			return dir + "/" + rest
		}
	}
	return path
}
