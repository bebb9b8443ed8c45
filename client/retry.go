package client

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"fantail/exec"
)

// RetryPolicy says how often and how soon a broken run goes on. The zero value
// does not retry.
type RetryPolicy struct {
	Initial    time.Duration // wait before the first retry; 0: 100 ms
	Max        time.Duration // longest wait; 0: 10 s
	Multiplier float64       // of the wait, from one retry to the next; 0: 2
	MaxRetries int           // in a row that yield no data; -1: no limit

	Rand  func() float64                       // in [0,1); nil: math/rand
	After func(time.Duration) <-chan time.Time // nil: time.After
}

// Retry makes a Transport whose runs survive their connections: a run that was
// cut is started again behind what the sink has accepted, so that each frame
// reaches the sink once.
//
// A host that cannot be reached at first is an error for a run that ends, and
// tried again for one that follows. A login that was cut is tried a few times
// more. What would fail again, a refused key or the run's own error, is not
// tried again. A run that ctx ends while the host is not reached has failed with
// the reason for that.
func Retry(t Transport, p RetryPolicy) Transport {
	return &retrier{Transport: t, policy: p.withDefaults()}
}

func (p RetryPolicy) withDefaults() RetryPolicy {
	if p.Multiplier == 0 {
		p.Multiplier = 2
	}
	if p.Rand == nil {
		p.Rand = rand.Float64
	}
	if p.After == nil {
		p.After = time.After
	}
	p.Initial = orDefault(p.Initial, 100*time.Millisecond)
	p.Max = orDefault(p.Max, 10*time.Second)
	return p
}

// wait is how long to wait before retry n, from 0. The second half of it is
// random: the hosts of one switch do not all come back in the same instant.
func (p RetryPolicy) wait(n int) time.Duration {
	d := math.Min(float64(p.Initial)*math.Pow(p.Multiplier, float64(n)), float64(p.Max))
	return time.Duration(d/2 + d/2*p.Rand())
}

type retrier struct {
	Transport
	policy RetryPolicy
}

func (r *retrier) Run(ctx context.Context, job *Job, sink exec.Sink) error {
	s := newResumeSink(sink, job.Input.Resume)
	met := false     // the host has been reached
	var outage error // why it is not reached now; nil: it is, or is being called
	for n := 0; ; n++ {
		next := *job
		next.Input.Resume = s.positions()
		s.fresh = false
		err := r.Transport.Run(ctx, &next, s)
		if s.fresh {
			n, outage = 0, nil
		}
		switch {
		case ctx.Err() != nil && outage != nil:
			return outage // not ctx's: what the host had is missing
		case err == nil || s.err != nil || ctx.Err() != nil:
			return err
		}
		met = met || errors.Is(err, ErrCut)
		outage = err
		again := temporary(err, met, job.Input.Follow) || errors.Is(err, errLogin) && n < loginRetries
		if !again || r.policy.MaxRetries >= 0 && n >= r.policy.MaxRetries {
			return err
		}
		if err := s.lost(err); err != nil {
			return err
		}
		select {
		case <-r.policy.After(r.policy.wait(n)):
		case <-ctx.Done():
			return outage
		}
	}
}

// loginRetries is how often a login that was cut is tried again by a run that
// ends and has not reached its host yet. What closes every connection, such as a
// balancer without a backend, must not keep it for ever.
const loginRetries = 4

// temporary tells whether the run may do better another time.
func temporary(err error, met, follow bool) bool {
	switch {
	case errors.Is(err, ErrCut):
		return true
	case errors.Is(err, ErrUnreachable):
		return met || follow
	case errors.Is(err, ErrNoSuchHost):
		return met // its name was right once
	}
	return false
}

// lost tells the user, once, that the connection is gone.
func (s *resumeSink) lost(err error) error {
	if s.outage {
		return nil
	}
	s.outage = true
	return s.notice(exec.Notice{Level: exec.Info, Text: fmt.Sprintf("%s; trying again", reason(err))})
}

// reason is the error without the host, which whoever shows a notice knows.
func reason(err error) string {
	var host *HostError
	if errors.As(err, &host) {
		return host.Text
	}
	return err.Error()
}
