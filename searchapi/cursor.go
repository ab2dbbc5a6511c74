package searchapi

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/xunke/xunke/catalog"
)

// cursorDigits are those of base64url, which cursors are written in.
const cursorDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

// cursorLife is how long a cursor can be used after it was given out.
const cursorLife = 24 * time.Hour

// sealer makes positions unreadable and unforgeable: base64url(nonce || AES-256-GCM of the
// JSON). Nobody learns the names of Elasticsearch's points in time, with which they could be
// closed or searched. A sealed position holds the hash of the question that it belongs to,
// so that it cannot be carried over to another one.
type sealer struct {
	key []byte
	now func() time.Time
}

// sealed is what a cursor holds.
type sealed struct {
	Question []byte         `json:"q"` // hash of what was asked
	Issued   int64          `json:"t"` // Unix seconds
	Position catalog.Cursor `json:"c"`
}

// seal turns the position after an answer to q into a cursor.
func (s sealer) seal(q catalog.Query, position catalog.Cursor) (string, error) {
	payload, err := json.Marshal(sealed{Question: question(q), Issued: s.now().Unix(), Position: position})
	if err != nil {
		return "", fmt.Errorf("seal cursor: %w", err)
	}
	aead, err := s.cipher()
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(aead.Seal(nil, nil, payload, nil)), nil
}

// open is the position that a cursor for q holds. A cursor that is not ours, was
// changed, has expired or belongs to another question is an error of CodeInvalid.
func (s sealer) open(q catalog.Query, cursor string) (*catalog.Cursor, error) {
	c, err := s.unseal(cursor)
	if err != nil {
		return nil, err
	}
	if age := s.now().Sub(time.Unix(c.Issued, 0)); age > cursorLife {
		return nil, invalidCursor(cursor, fmt.Sprintf("has expired: it is older than %s", cursorLife))
	}
	if !bytes.Equal(c.Question, question(q)) {
		return nil, invalidCursor(cursor, "belongs to other parameters than these")
	}
	return &c.Position, nil
}

// unseal reads a cursor whatever its question and age. One that this server's key did not
// seal is an error of CodeInvalid.
func (s sealer) unseal(cursor string) (c sealed, err error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil {
		return c, invalidCursor(cursor, "is no cursor of this server")
	}
	aead, err := s.cipher()
	if err != nil {
		return c, err
	}
	payload, err := aead.Open(nil, nil, raw, nil)
	if err != nil {
		return c, invalidCursor(cursor, "is no cursor of this server, or it was changed")
	}
	if err := json.Unmarshal(payload, &c); err != nil {
		return c, invalidCursor(cursor, "cannot be read by this version")
	}
	return c, nil
}

// find is nil for a cursor that this server sealed, and for a text that is none by its
// looks, which open refuses. One that looks right and is not known is an error of
// CodeNotFound: it names a position that is not here, or not any more, since a server
// without a secret of its own forgets its key at its end.
func (s sealer) find(cursor string) error {
	if len(cursor) < minCursorBytes || strings.Trim(cursor, cursorDigits) != "" {
		return nil
	}
	_, err := s.unseal(cursor)
	if unknown, ok := errors.AsType[*catalog.Error](err); ok && unknown.Code == catalog.CodeInvalid {
		unknown.Code, unknown.Message = catalog.CodeNotFound, "there is no such cursor"
		return unknown
	}
	return err
}

func invalidCursor(cursor, why string) *catalog.Error {
	return catalog.Invalidf(cursorName, "%s %s; start again without it", displayQuoted(cursor), why)
}

// cipher has the key of the server in the length that AES takes.
func (s sealer) cipher() (cipher.AEAD, error) {
	key := sha256.Sum256(s.key)
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, fmt.Errorf("seal cursor: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("seal cursor: %w", err)
	}
	return aead, nil
}

// question is a hash of all that decides which results there are and in which order.
// The size of a page is not among it: it may change on the way.
func question(q catalog.Query) []byte {
	h := sha256.New()
	// Quoted, so that no two lists of texts look the same.
	_, _ = fmt.Fprintf(h, "%q %q %q %t", q.Kinds, q.Sort, q.Text, q.Exact)
	for _, f := range facetNames() {
		values := slices.Clone(q.Filters[f])
		slices.Sort(values)
		_, _ = fmt.Fprintf(h, " %q=%q", f, values)
	}
	return h.Sum(nil)[:16]
}
