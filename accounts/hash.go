package accounts

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/xunke/xunke/catalog"
)

// Params are what a hash by Argon2id costs (RFC 9106).
type Params struct {
	Memory  uint32 // KiB
	Passes  uint32
	Threads uint8
}

// StandardParams are the least that OWASP's Password Storage Cheat Sheet recommends, as of
// 2025: 19 MiB, two passes.
func StandardParams() Params { return Params{Memory: 19 << 10, Passes: 2, Threads: 1} }

const (
	saltBytes = 16
	hashBytes = 32
	// maxMemory is the most that a hash that is kept may ask for, in KiB: the table is not
	// trusted with all memory of the machine.
	maxMemory = 256 << 10
	// hashWait is how long a request waits for its turn. A hash takes some 50 ms, so this is
	// a queue of some dozens for each place.
	hashWait = 2 * time.Second
)

var encoding = base64.RawStdEncoding

// Hasher hashes passwords, a few at a time: each takes as much memory and processor time as
// it is meant to, and log-ins must leave some for others.
type Hasher struct {
	params Params
	turns  chan struct{}
	wait   time.Duration
	decoy  string
}

// NewHasher makes a hasher that hashes so many passwords at once, at least one.
func NewHasher(params Params, atOnce int) *Hasher {
	h := &Hasher{params: params, turns: make(chan struct{}, max(1, atOnce)), wait: hashWait}
	h.decoy = h.hash("")
	return h
}

// turn waits for a place. CodeUnavailable with a time to wait where none comes free soon.
func (h *Hasher) turn(ctx context.Context) (leave func(), err error) {
	timer := time.NewTimer(h.wait)
	defer timer.Stop()
	select {
	case h.turns <- struct{}{}:
		return func() { <-h.turns }, nil
	case <-timer.C:
		return nil, &catalog.Error{Code: catalog.CodeUnavailable, Message: "too many people log in at the moment; try again", Wait: h.wait}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Hash is what is kept of a password: Argon2id in the PHC string format. Errors:
// CodeUnavailable.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	leave, err := h.turn(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	return h.hash(password), nil
}

func (h *Hasher) hash(password string) string {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // crypto/rand never fails: the program ends instead
	p := h.params
	sum := argon2.IDKey([]byte(normalPassword(password)), salt, p.Passes, p.Memory, p.Threads, hashBytes)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.Memory, p.Passes, p.Threads,
		encoding.EncodeToString(salt), encoding.EncodeToString(sum))
}

// Verify compares a password with what is kept. better is what is to be kept instead of a
// hash that costs less than it would today; empty: it stays. An empty kept is that of an
// account that does not exist: the answer takes as long as any other. Errors:
// CodeUnavailable, and for what is kept and is no hash.
func (h *Hasher) Verify(ctx context.Context, kept, password string) (right bool, better string, err error) {
	exists := kept != ""
	if !exists {
		kept = h.decoy
	}
	p, salt, sum, err := parseHash(kept)
	if err != nil {
		return false, "", err
	}
	leave, err := h.turn(ctx)
	if err != nil {
		return false, "", err
	}
	defer leave()
	got := argon2.IDKey([]byte(normalPassword(password)), salt, p.Passes, p.Memory, p.Threads, uint32(len(sum)))
	right = subtle.ConstantTimeCompare(got, sum) == 1 && exists
	if right && (p.Memory < h.params.Memory || p.Passes < h.params.Passes) {
		better = h.hash(password)
	}
	return right, better, nil
}

var errHash = errors.New("what is kept of a password is no hash by Argon2id")

func parseHash(kept string) (p Params, salt, sum []byte, err error) {
	parts := strings.Split(kept, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, nil, nil, errHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.Memory, &p.Passes, &p.Threads); err != nil {
		return p, nil, nil, errHash
	}
	salt, err1 := encoding.DecodeString(parts[4])
	sum, err2 := encoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(salt) < 8 || len(sum) < 16 || len(sum) > 64 ||
		p.Memory < 8 || p.Memory > maxMemory || p.Passes < 1 || p.Passes > 16 || p.Threads < 1 || p.Threads > 16 {
		return p, nil, nil, errHash
	}
	return p, salt, sum, nil
}
