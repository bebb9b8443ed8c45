package client

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"fantail/exec"
	"fantail/parser"
	"fantail/planner"
)

func mustPlan(t testing.TB, query string) *planner.Plan {
	t.Helper()
	q, err := parser.Parse(query)
	if err != nil {
		t.Fatal(err)
	}
	p, err := planner.New(q)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// scripted is a Transport that does what a test says.
type scripted struct {
	name string
	run  func(ctx context.Context, sink exec.Sink) error
}

func (s *scripted) Name() string { return s.name }

func (s *scripted) Run(ctx context.Context, _ *Job, sink exec.Sink) error { return s.run(ctx, sink) }

func host(name string, run func(ctx context.Context, sink exec.Sink) error) Host {
	return Host{Transport: &scripted{name: name, run: run}}
}

// counted is a partial with a count for one group.
func counted(window, passed time.Time, group string, n byte) *exec.Partial {
	return &exec.Partial{
		Window: window, Passed: passed,
		Groups:   []exec.Group{{Key: exec.AppendCell(nil, []byte(group), false), States: [][]byte{{n}}}},
		Progress: exec.Progress{Bytes: 1, Ends: []exec.Position{{Path: "/log"}}},
	}
}

// transcript is an Output that writes down what it is shown.
type transcript struct{ strings.Builder }

func (o *transcript) Lines(host string, r *exec.Rows) error {
	fmt.Fprintf(o, "%s: %s", host, r.Data)
	return nil
}

func (o *transcript) Table(t *Table) error {
	fmt.Fprintf(o, "table %d", t.Window.Unix())
	if t.Interim {
		o.WriteString(" interim")
	}
	if t.Revision > 0 {
		fmt.Fprintf(o, " revision %d", t.Revision)
	}
	if len(t.Missing) > 0 {
		fmt.Fprintf(o, " without %s", strings.Join(t.Missing, " "))
	}
	for _, row := range t.Rows {
		o.WriteString(" |")
		for _, c := range row {
			o.WriteString(" " + c.Text)
		}
	}
	o.WriteString("\n")
	return nil
}

// runScript runs a query over scripted hosts.
func runScript(t *testing.T, ctx context.Context, query string, hosts ...Host) (shown string, l *Ledger, errs []string) {
	t.Helper()
	out := &transcript{}
	q := &Query{
		Plan: mustPlan(t, query), Output: out,
		Notify: func(host string, n exec.Notice) {},
		Failed: func(host string, err error) { errs = append(errs, err.Error()) },
	}
	l, err := Run(ctx, q, hosts)
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), l, errs
}

var errTest = errors.New("test error")
