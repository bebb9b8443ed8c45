package client

import (
	"fmt"
	"io"
	"net"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// agentPatience is how long the agent may take for one answer: it may have to ask
// its user to confirm, or to touch a key.
const agentPatience = 30 * time.Second

// withAgent connects for one question: connections that last would make the
// log-ins to many hosts wait for each other, and break when the agent restarts.
func withAgent(socket string, ask func(agent.ExtendedAgent) error) error {
	conn, err := net.Dial("unix", socket)
	if err != nil {
		return fmt.Errorf("ssh-agent: %w", err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(agentPatience)); err != nil {
		return fmt.Errorf("ssh-agent: %w", err)
	}
	if err := ask(agent.NewClient(conn)); err != nil {
		return fmt.Errorf("ssh-agent: %w", err)
	}
	return nil
}

// listAgent gives the agent's keys; none where there is no agent.
func listAgent(socket string) ([]*userKey, error) {
	if socket == "" {
		return nil, nil
	}
	var keys []*userKey
	err := withAgent(socket, func(a agent.ExtendedAgent) error {
		list, err := a.List()
		for _, k := range list {
			public, err := ssh.ParsePublicKey(k.Blob)
			if err != nil {
				continue // of a type that no SSH of ours could use
			}
			keys = append(keys, newUserKey(&agentSigner{socket: socket, public: public}, nil))
		}
		return err
	})
	return keys, err
}

// agentSigner signs with a key that never leaves the agent.
type agentSigner struct {
	socket string
	public ssh.PublicKey
}

func (s *agentSigner) PublicKey() ssh.PublicKey { return s.public }

func (s *agentSigner) Sign(rand io.Reader, data []byte) (*ssh.Signature, error) {
	return s.SignWithAlgorithm(rand, data, "")
}

func (s *agentSigner) SignWithAlgorithm(_ io.Reader, data []byte, algorithm string) (*ssh.Signature, error) {
	var flags agent.SignatureFlags
	switch algorithm {
	case ssh.KeyAlgoRSASHA256:
		flags = agent.SignatureFlagRsaSha256
	case ssh.KeyAlgoRSASHA512:
		flags = agent.SignatureFlagRsaSha512
	}
	var sig *ssh.Signature
	err := withAgent(s.socket, func(a agent.ExtendedAgent) (err error) {
		sig, err = a.SignWithFlags(s.public, data, flags)
		return err
	})
	return sig, err
}
