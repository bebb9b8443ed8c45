package cli

import (
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fantail/parser"
	"fantail/server"
)

// dserverConfig is what the configuration file may say. Each key has a flag of
// its name, which wins, but for maxConnections.
type dserverConfig struct {
	BindAddress    []string `json:"bindAddress"`    // without port; none: every address
	Port           int      `json:"port"`           // 0: any that is free
	HostKey        string   `json:"hostKey"`        // path; created when missing
	AuthorizedKeys string   `json:"authorizedKeys"` // as sshd's AuthorizedKeysFile
	MaxConnections int      `json:"maxConnections"` // logged in at once; 0: the server's default
	Hostname       string   `json:"hostname"`       // what $hostname says; "": the host's name
}

// dserverOptions is the configuration with what only flags say.
type dserverOptions struct {
	dserverConfig
	cfg      string // file, "none", or "" for the usual places
	logger   string
	logLevel string
	level    slog.Level // of logLevel
	check    bool
	stdio    bool
	version  bool
}

// readDserver gives the options: a flag wins over the environment, that over the
// file, that over the default.
func readDserver(args []string) (*dserverOptions, error) {
	flagsOnly := defaultDserver()
	if err := flagsOnly.parse(args); err != nil {
		return nil, err
	}
	opt := defaultDserver()
	if err := opt.load(flagsOnly.cfg); err != nil {
		return nil, err
	}
	opt.Hostname = cmp.Or(os.Getenv("FANTAIL_HOSTNAME"), os.Getenv("DTAIL_HOSTNAME_OVERRIDE"), opt.Hostname)
	if err := opt.parse(args); err != nil {
		return nil, err
	}
	return opt, opt.complete()
}

func defaultDserver() *dserverOptions {
	return &dserverOptions{dserverConfig: dserverConfig{
		Port: 2222, HostKey: defaultHostKey(), AuthorizedKeys: server.DefaultAuthorizedKeys,
	}}
}

// defaultHostKey is "" where there is no home.
func defaultHostKey() string {
	if os.Getuid() == 0 {
		return "/etc/fantail/host_key"
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "fantail", "host_key")
}

// flags binds o's fields; their values now are the defaults.
func (o *dserverOptions) flags() *flag.FlagSet {
	f := flag.NewFlagSet("dserver", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.StringVar(&o.cfg, "cfg", o.cfg, "configuration `file`, or none")
	f.Var(&list{values: &o.BindAddress}, "bindAddress", "`address` to listen on, may be repeated (default: all)")
	f.IntVar(&o.Port, "port", o.Port, "port to listen on, 0 for any that is free")
	f.StringVar(&o.HostKey, "hostKey", o.HostKey, "`file` with the host key, created when missing")
	f.StringVar(&o.AuthorizedKeys, "authorizedKeys", o.AuthorizedKeys, "`pattern` of files with users' keys: %u user, %h home")
	f.StringVar(&o.Hostname, "hostname", o.Hostname, "what $hostname says (default: the host's name)")
	f.BoolVar(&o.check, "check", o.check, "validate the configuration and exit")
	f.BoolVar(&o.stdio, "stdio", o.stdio, "serve one session over standard input and output")
	f.StringVar(&o.logger, "logger", o.logger, "where the log goes: stderr, stdout, none (default stderr)")
	f.StringVar(&o.logLevel, "logLevel", o.logLevel, "error, warn, info or debug (default info, with -stdio error)")
	f.BoolVar(&o.version, "version", o.version, "print the version and exit")
	return f
}

func dserverUsage(w io.Writer) {
	fmt.Fprintln(w, "usage: dserver [flags]")
	f := defaultDserver().flags()
	f.SetOutput(w)
	f.PrintDefaults()
}

func (o *dserverOptions) parse(args []string) error {
	f := o.flags()
	if err := f.Parse(args); err != nil {
		return unknownFlag(f, err)
	}
	if f.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", f.Arg(0))
	}
	return nil
}

// unknownFlag adds to the error about an unknown flag which one may be meant.
func unknownFlag(f *flag.FlagSet, err error) error {
	name, unknown := strings.CutPrefix(err.Error(), "flag provided but not defined: -")
	if !unknown {
		return err
	}
	var known []string
	f.VisitAll(func(fl *flag.Flag) { known = append(known, fl.Name) })
	return fmt.Errorf("unknown flag -%s%s", name, didYouMean("-", name, known))
}

func didYouMean(prefix, name string, known []string) string {
	if best := parser.Nearest(name, known); best != "" {
		return ", did you mean " + prefix + best + "?"
	}
	return ""
}

// list is a flag that may be repeated. The first use replaces what was there.
type list struct {
	values *[]string
	set    bool
}

func (l *list) String() string { return "" }

func (l *list) Set(s string) error {
	if !l.set {
		*l.values, l.set = nil, true
	}
	*l.values = append(*l.values, s)
	return nil
}

// load reads the configuration file over what is there.
func (o *dserverOptions) load(cfg string) error {
	c, err := loadConfig(cfg)
	if err != nil || len(c.Server) == 0 {
		return err
	}
	if err = knownKeys(c.Server, dserverKeys()); err == nil {
		whole := struct { // not c.Server alone, for the sake of an error's place
			Server *dserverConfig `json:"server"`
		}{&o.dserverConfig}
		err = jsonError(c.text, json.Unmarshal(c.text, &whole))
	}
	if err != nil {
		return fmt.Errorf("configuration %s: server: %w", c.path, err)
	}
	return nil
}

func dserverKeys() []string {
	return []string{"bindAddress", "port", "hostKey", "authorizedKeys", "maxConnections", "hostname"}
}

// complete checks what no single flag can.
func (o *dserverOptions) complete() error {
	if o.Port < 0 || o.Port > 65535 {
		return fmt.Errorf("the port %d is not between 0 and 65535", o.Port)
	}
	if o.MaxConnections < 0 {
		return fmt.Errorf("maxConnections is %d, less than 0", o.MaxConnections)
	}
	if o.HostKey == "" && !o.stdio {
		return errors.New("without a home directory -hostKey is needed")
	}
	for _, a := range o.BindAddress {
		if _, _, err := net.SplitHostPort(a); err == nil {
			return fmt.Errorf("the address %q has a port: that is -port", a)
		}
	}
	if err := o.readLevel(); err != nil {
		return err
	}
	known := []string{"", "stderr", "stdout", "none", "file", "fout"} // the last two are DTail's
	if !slices.Contains(known, strings.ToLower(o.logger)) {
		return fmt.Errorf("unknown -logger %q: there are stderr, stdout and none", o.logger)
	}
	o.logger = strings.ToLower(o.logger)
	return nil
}

// readLevel takes DTail's levels too.
func (o *dserverOptions) readLevel() error {
	switch strings.ToLower(o.logLevel) {
	case "":
		o.level = slog.LevelInfo
		if o.stdio {
			o.level = slog.LevelError // sshd shows it to the user
		}
	case "none", "fatal", "error":
		o.level = slog.LevelError
	case "warn":
		o.level = slog.LevelWarn
	case "info", "verbose":
		o.level = slog.LevelInfo
	case "debug", "devel", "trace", "all":
		o.level = slog.LevelDebug
	default:
		return fmt.Errorf("unknown -logLevel %q: there are error, warn, info and debug", o.logLevel)
	}
	return nil
}
