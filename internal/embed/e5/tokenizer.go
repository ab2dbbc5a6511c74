package e5

import (
	"hash/maphash"
	"math"
	"strings"
	"unicode/utf8"
)

// Tokens that are no pieces of text.
const (
	tokenStart   = 0
	tokenEnd     = 2
	tokenUnknown = 3
)

// space stands for a space in the pieces of the vocabulary.
const space = '\u2581'

// textMost is how many bytes of a text are looked at.
const textMost = 8 << 10

// tokenizer cuts texts into the pieces of the vocabulary whose scores sum up to the most
// (Kudo, Subword Regularization, arXiv 1804.10959: the unigram model).
type tokenizer struct {
	pieces  string   // one after the other
	ends    []uint32 // where each ends
	scores  []float32
	slots   []int32 // hash table of piece + 1
	seed    maphash.Seed
	longest int     // bytes of the longest piece
	unknown float32 // score of a character that is in no piece
	folded  map[rune][]rune
}

func readTokenizer(r *reader) *tokenizer {
	n := r.u32()
	r.bytes(16) // the tokens that are no pieces
	size := r.u64()
	t := &tokenizer{seed: maphash.MakeSeed(), folded: map[rune][]rune{}}
	t.ends = r.u32s(n + 1)[1:]
	t.scores = r.f32s(n)
	t.pieces = string(r.bytes(size))
	folded := r.u32()
	r.u32() // bytes of what follows
	for range folded {
		from := rune(r.u32()) //nolint:gosec // a code point
		to := make([]rune, r.bytes(1)[0])
		for i := range to {
			to[i] = rune(r.u32()) //nolint:gosec // a code point
		}
		t.folded[from] = to
	}
	least := float32(math.MaxFloat32)
	t.slots = make([]int32, 1<<19)
	for i := range int32(n) { //nolint:gosec // 250,002
		piece := t.piece(i)
		t.longest, least = max(t.longest, len(piece)), min(least, t.scores[i])
		slot := t.slot(piece)
		for t.slots[slot] != 0 {
			slot = (slot + 1) % len(t.slots)
		}
		t.slots[slot] = i + 1
	}
	t.unknown = least - 10
	return t
}

func (t *tokenizer) piece(i int32) string {
	var from uint32
	if i > 0 {
		from = t.ends[i-1]
	}
	return t.pieces[from:t.ends[i]]
}

func (t *tokenizer) slot(piece string) int {
	return int(maphash.String(t.seed, piece) % uint64(len(t.slots))) //nolint:gosec // less than 2^19
}

// find returns the token of a piece, -1 when there is none.
func (t *tokenizer) find(piece string) int32 {
	for slot := t.slot(piece); t.slots[slot] != 0; slot = (slot + 1) % len(t.slots) {
		if i := t.slots[slot] - 1; t.piece(i) == piece {
			return i
		}
	}
	return -1
}

// fold applies the model's normal form: width, ligatures, one space in place of many.
func (t *tokenizer) fold(text string) string {
	if len(text) > textMost {
		text = text[:textMost]
	}
	var b strings.Builder
	b.WriteRune(space)
	last := space
	put := func(r rune) {
		if r == ' ' || r == 0 {
			r = space
		}
		if r != space || last != space {
			b.WriteRune(r)
		}
		last = r
	}
	for _, r := range text {
		if to, ok := t.folded[r]; ok {
			for _, r := range to {
				put(r)
			}
		} else {
			put(r)
		}
	}
	return b.String()
}

// tokens returns the tokens of a text between start and end, at most so many in all.
func (t *tokenizer) tokens(text string, most int) []int32 {
	text = t.fold(text)
	type step struct {
		score float32
		from  int
		token int32
	}
	best := make([]step, len(text)+1)
	for i := range best {
		best[i].score = -math.MaxFloat32
	}
	best[0].score = 0
	for at := 0; at < len(text); {
		_, width := utf8.DecodeRuneInString(text[at:])
		improve := func(end int, score float32, token int32) {
			if score += best[at].score; score > best[end].score {
				best[end] = step{score, at, token}
			}
		}
		for end := at + width; end <= len(text) && end-at <= t.longest; {
			if token := t.find(text[at:end]); token >= 0 && token != tokenUnknown {
				improve(end, t.scores[token], token)
			}
			_, next := utf8.DecodeRuneInString(text[end:])
			end += max(next, 1)
		}
		improve(at+width, t.unknown, tokenUnknown)
		at += width
	}
	var back []int32
	for at := len(text); at > 0; at = best[at].from {
		back = append(back, best[at].token)
	}
	out := append(make([]int32, 0, min(len(back)+2, most)), tokenStart)
	for i := len(back) - 1; i >= 0 && len(out) < most-1; i-- {
		out = append(out, back[i])
	}
	return append(out, tokenEnd)
}
