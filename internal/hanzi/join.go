package hanzi

// Limits of what is joined of one name.
const (
	maxJoinedWords = 4
	maxJoinedRunes = 32
	maxJoined      = 48
)

// JoinedWords returns what of a name people type as one word: two to four neighbouring
// words of letters and digits with nothing but signs between them, joined. TCP/IP is
// tcpip, "ISO 9001" iso9001, "3ds Max" 3dsmax.
func JoinedWords(name string) []string {
	var out []string
	for _, run := range wordRuns(Normalize(name)) {
		for i := range run {
			joined := run[i]
			for n := 1; n < maxJoinedWords && i+n < len(run); n++ {
				joined += run[i+n]
				if len([]rune(joined)) > maxJoinedRunes || len(out) == maxJoined {
					break
				}
				out = appendNew(out, joined)
			}
		}
	}
	return out
}

// wordRuns are the words of normalised text, those without Hanzi between them together.
func wordRuns(text string) [][]string {
	var runs [][]string
	var run []string
	word := ""
	endWord := func() {
		if word != "" {
			run, word = append(run, word), ""
		}
	}
	for _, r := range text {
		switch {
		case IsUnspaced(r):
			endWord()
			runs, run = append(runs, run), nil
		case word != "" && (r == '+' || r == '#' || r == '♯'): // C++ is no C
			word = ""
			runs, run = append(runs, run), nil
		case isLiteral(r):
			word += string(r)
		default:
			endWord()
		}
	}
	endWord()
	return append(runs, run)
}
