package client

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// hostDB is the contents of known_hosts files.
//
// Lines are read by x/crypto and matched here, because its matcher reads all
// lines for each host, is stopped by one line it cannot read, and knows of five
// lines that OpenSSH accepts for a certificate on another port than 22 only one.
type hostDB struct {
	exact    map[string][]*knownLine // by host, as known_hosts writes it, in lower case
	patterns []*knownLine            // with wildcards, or hashed
	revoked  map[string]*knownLine   // by marshalled key; for every host
}

// knownLine is a line of a known_hosts file.
type knownLine struct {
	file  string
	line  int // from 1; 0: added in this run
	ca    bool
	key   ssh.PublicKey
	hosts []string // patterns; or one hashed host, beginning with |
	salt  []byte   // of the hashed host; nil: not hashed
	hash  []byte
}

func (l *knownLine) String() string {
	if l.line == 0 {
		return l.file
	}
	return l.file + ":" + strconv.Itoa(l.line)
}

// readHostDB reads the files that exist.
func readHostDB(files []string) (*hostDB, error) {
	db := &hostDB{exact: make(map[string][]*knownLine), revoked: make(map[string]*knownLine)}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read known hosts: %w", err)
		}
		db.addFile(file, data)
	}
	return db, nil
}

// addFile adds each line of a file. A line that cannot be read, because of a key
// type of the future or the past, is passed over, as OpenSSH does: it can only
// make a host unknown.
func (db *hostDB) addFile(file string, data []byte) {
	n := 0
	for line := range bytes.Lines(data) {
		n++
		marker, hosts, key, _, _, err := ssh.ParseKnownHosts(line)
		if err != nil {
			continue
		}
		db.add(marker, &knownLine{file: file, line: n, key: key, hosts: hosts})
	}
}

func (db *hostDB) add(marker string, l *knownLine) {
	switch marker {
	case "revoked":
		db.revoked[string(l.key.Marshal())] = l
		return
	case "cert-authority":
		l.ca = true
	case "":
	default:
		return
	}
	if strings.HasPrefix(l.hosts[0], "|") && !l.decodeHash() {
		return
	}
	if strings.ContainsAny(strings.Join(l.hosts, ""), "*?!|") {
		db.patterns = append(db.patterns, l)
		return
	}
	for _, host := range l.hosts {
		host = strings.ToLower(host)
		db.exact[host] = append(db.exact[host], l)
	}
}

// known is what the files say about one host.
type known struct {
	db       *hostDB
	host     string       // in lower case
	lines    []*knownLine // for its port
	portless []*knownLine // without port: they can vouch for the host, not speak against it
}

// lookup costs an HMAC for each hashed line, so a connection does it once.
func (db *hostDB) lookup(host string, port int) *known {
	k := &known{db: db, host: strings.ToLower(host), lines: db.lines(hostKeyName(host, port))}
	if port != 22 {
		k.portless = db.lines(hostKeyName(host, 22))
	}
	return k
}

// hostKeyName is the host as known_hosts writes it: host or [host]:port.
func hostKeyName(host string, port int) string {
	return knownhosts.Normalize(net.JoinHostPort(strings.ToLower(host), strconv.Itoa(port)))
}

func (db *hostDB) lines(name string) []*knownLine {
	lines := slices.Clone(db.exact[name])
	for _, l := range db.patterns {
		if l.matches(name) {
			lines = append(lines, l)
		}
	}
	return lines
}

func (l *knownLine) matches(name string) bool {
	if l.salt != nil {
		mac := hmac.New(sha1.New, l.salt)
		mac.Write([]byte(name))
		return hmac.Equal(mac.Sum(nil), l.hash)
	}
	found := false
	for _, pattern := range l.hosts {
		pattern, not := strings.CutPrefix(strings.ToLower(pattern), "!")
		if matchWildcard(pattern, name) {
			if not {
				return false
			}
			found = true
		}
	}
	return found
}

// decodeHash reads |1|salt|hash, which is what ssh-keygen -H makes.
func (l *knownLine) decodeHash() bool {
	part := strings.Split(l.hosts[0], "|")
	if len(part) != 4 || part[1] != "1" {
		return false
	}
	var err1, err2 error
	l.salt, err1 = base64.StdEncoding.DecodeString(part[2])
	l.hash, err2 = base64.StdEncoding.DecodeString(part[3])
	return err1 == nil && err2 == nil
}

// matchWildcard knows * and ?. It goes back to the last * only, so that it is
// quadratic at worst.
func matchWildcard(pattern, name string) bool {
	p, n, star, from := 0, 0, -1, 0
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, n
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == name[n]):
			p++
			n++
		case star >= 0:
			from++
			p, n = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// algorithms is the order of host key types to ask the server for: what the files
// know comes first, or a server that has several keys would show another one.
func (k *known) algorithms() []string {
	lines := k.lines
	if len(lines) == 0 {
		lines = k.portless
	}
	all := ssh.SupportedAlgorithms().HostKeys
	slices.SortStableFunc(all, func(a, b string) int { return rank(lines, a) - rank(lines, b) })
	return all
}

// rank is 0 for a certificate that an authority of lines may vouch for, 1 for the
// type of a known key, 2 for other keys, and 3 for certificates without authority.
func rank(lines []*knownLine, algorithm string) int {
	cert := strings.Contains(algorithm, "-cert-")
	if slices.ContainsFunc(lines, func(l *knownLine) bool {
		return l.ca == cert && (cert || l.key.Type() == keyType(algorithm))
	}) {
		if cert {
			return 0
		}
		return 1
	}
	if cert {
		return 3
	}
	return 2
}

// keyType is the type of the keys that sign with the algorithm.
func keyType(algorithm string) string {
	if algorithm == ssh.KeyAlgoRSASHA256 || algorithm == ssh.KeyAlgoRSASHA512 {
		return ssh.KeyAlgoRSA
	}
	return algorithm
}

// errUnknownKey says that nothing is known for or against a key.
var errUnknownKey = errors.New("host key is unknown")

// check tells whether the host is the one it is known to be: nil, errUnknownKey,
// or an error that is final.
func (k *known) check(key ssh.PublicKey) error {
	cert, ok := key.(*ssh.Certificate)
	if !ok {
		return k.checkKey(key)
	}
	if l := k.db.revokedLine(cert.SignatureKey); l != nil {
		return fmt.Errorf("the authority of its host certificate is revoked: %v", l)
	}
	certErr := k.checkCert(cert)
	if certErr == nil {
		return nil
	}
	err := k.checkKey(cert.Key)
	if err == errUnknownKey {
		return certErr
	}
	return err
}

func (k *known) checkKey(key ssh.PublicKey) error {
	if l := k.db.revokedLine(key); l != nil {
		return fmt.Errorf("host key is revoked: %v", l)
	}
	lines := onlyKeys(k.lines)
	if hasKey(lines, key) {
		return nil
	}
	if len(lines) > 0 {
		l := closest(lines, key)
		return fmt.Errorf("host key has changed: it is %s, but %v says %s; "+
			"if that is right, remove that line (ssh-keygen -R '%s')",
			describeKey(key), l, describeKey(l.key), l.hosts[0])
	}
	if hasKey(onlyKeys(k.portless), key) {
		return nil
	}
	return errUnknownKey
}

// checkCert is errUnknownKey when no authority is known that signs for the host.
// Other than OpenSSH, a bad certificate of a known authority makes the host a
// wrong one, not an unknown one, about which the user would be asked.
func (k *known) checkCert(cert *ssh.Certificate) error {
	authority := func(l *knownLine) bool { return l.ca && sameKey(l.key, cert.SignatureKey) }
	if !slices.ContainsFunc(k.lines, authority) && !slices.ContainsFunc(k.portless, authority) {
		return errUnknownKey
	}
	if l := k.db.revokedLine(cert.Key); l != nil {
		return fmt.Errorf("host key is revoked: %v", l)
	}
	checker := ssh.CertChecker{IsHostAuthority: func(ssh.PublicKey, string) bool { return true }}
	if err := checker.CheckHostKey(net.JoinHostPort(k.host, "22"), nil, cert); err != nil {
		return fmt.Errorf("host certificate %q: %w", cert.KeyId, err)
	}
	return nil
}

func (db *hostDB) revokedLine(key ssh.PublicKey) *knownLine {
	return db.revoked[string(key.Marshal())]
}

func onlyKeys(lines []*knownLine) []*knownLine {
	return slices.DeleteFunc(slices.Clone(lines), func(l *knownLine) bool { return l.ca })
}

func hasKey(lines []*knownLine, key ssh.PublicKey) bool {
	return slices.ContainsFunc(lines, func(l *knownLine) bool { return sameKey(l.key, key) })
}

// closest is the line to show beside a key that none of lines has.
func closest(lines []*knownLine, key ssh.PublicKey) *knownLine {
	i := slices.IndexFunc(lines, func(l *knownLine) bool { return l.key.Type() == key.Type() })
	return lines[max(i, 0)]
}

func sameKey(a, b ssh.PublicKey) bool { return bytes.Equal(a.Marshal(), b.Marshal()) }

func describeKey(key ssh.PublicKey) string {
	return key.Type() + " " + ssh.FingerprintSHA256(key)
}
