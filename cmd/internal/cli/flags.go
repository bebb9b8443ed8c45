package cli

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
)

// parseFlags reads a command line as GNU programs do: flags and other arguments
// in any order, one dash or two before a long name, short flags bundled (-iv,
// -C3), everything behind -- is no flag. It returns the other arguments.
func parseFlags(f *flag.FlagSet, args []string) ([]string, error) {
	f.SetOutput(io.Discard)
	var rest []string
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		if arg == "--" {
			rest = append(rest, args...)
			break
		}
		if len(arg) < 2 || arg[0] != '-' {
			rest = append(rest, arg)
			continue
		}
		var err error
		if args, err = parseFlag(f, arg, args); err != nil {
			return nil, err
		}
	}
	return rest, nil
}

// parseFlag sets what arg says, with a value from the arguments behind it where
// it needs one, and returns those that are left.
func parseFlag(f *flag.FlagSet, arg string, args []string) ([]string, error) {
	name := strings.TrimPrefix(arg[1:], "-")
	name, value, hasValue := strings.Cut(name, "=")
	if fl := f.Lookup(name); fl != nil {
		switch {
		case hasValue:
		case isBool(fl):
			value = "true"
		case len(args) == 0:
			return nil, fmt.Errorf("flag %s needs a value", arg)
		default:
			value, args = args[0], args[1:]
		}
		return args, setFlag(f, name, value)
	}
	if strings.HasPrefix(arg, "--") || f.Lookup(arg[1:2]) == nil && !isDigit(arg[1]) {
		return nil, unknown(f, name)
	}
	return parseBundle(f, arg, args)
}

// parseBundle sets short flags that share a dash. A number alone is the value of
// the flag that the command names "NUM": lines of context, or lines.
func parseBundle(f *flag.FlagSet, arg string, args []string) ([]string, error) {
	if isDigit(arg[1]) && f.Lookup("NUM") != nil {
		return args, setFlag(f, "NUM", arg[1:])
	}
	for rest := arg[1:]; len(rest) > 0; {
		name := rest[:1]
		rest = rest[1:]
		fl := f.Lookup(name)
		switch {
		case fl == nil:
			return nil, unknown(f, strings.TrimPrefix(arg, "-"))
		case isBool(fl):
			if err := setFlag(f, name, "true"); err != nil {
				return nil, err
			}
			continue
		case rest == "" && len(args) == 0:
			return nil, fmt.Errorf("flag -%s needs a value", name)
		case rest == "":
			rest, args = args[0], args[1:]
		}
		return args, setFlag(f, name, rest)
	}
	return args, nil
}

func setFlag(f *flag.FlagSet, name, value string) error {
	if err := f.Set(name, value); err != nil {
		if isNumber(f.Lookup(name)) {
			return fmt.Errorf("flag -%s needs a number, and %q is none", name, value)
		}
		return fmt.Errorf("flag -%s: %q is not valid: %w", name, value, err)
	}
	return nil
}

func isNumber(fl *flag.Flag) bool {
	getter, ok := fl.Value.(flag.Getter)
	if !ok {
		return false
	}
	_, ok = getter.Get().(int)
	return ok
}

func isBool(fl *flag.Flag) bool {
	b, ok := fl.Value.(interface{ IsBoolFlag() bool })
	return ok && b.IsBoolFlag()
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// unknown is the error about an unknown flag, with the one that may be meant.
func unknown(f *flag.FlagSet, name string) error {
	var known []string
	f.VisitAll(func(fl *flag.Flag) {
		if len(fl.Name) > 1 {
			known = append(known, fl.Name)
		}
	})
	slices.Sort(known)
	return fmt.Errorf("unknown flag -%s%s; -help lists the flags", name, didYouMean("-", name, known))
}

// texts is a flag that may be repeated.
type texts []string

func (t *texts) String() string     { return strings.Join(*t, ",") }
func (t *texts) Set(s string) error { *t = append(*t, s); return nil }
