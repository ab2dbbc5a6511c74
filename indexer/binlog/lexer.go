package binlog

import "strings"

// sqlMode is what of a session's sql_mode decides where a text ends. A statement on the
// binlog was written under any of the modes.
type sqlMode struct {
	ansiQuotes bool // ANSI_QUOTES: double quotes are around names, not texts
	noEscapes  bool // NO_BACKSLASH_ESCAPES: a backslash is a character like others
}

// sqlModes lists the modes under which the words of a statement may differ. A multi-byte
// character of GBK or Shift JIS that ends with the byte of a backslash reads as in noEscapes.
func sqlModes(query string) []sqlMode {
	modes := []sqlMode{{}}
	if strings.Contains(query, `\`) {
		modes = append(modes, sqlMode{noEscapes: true})
	}
	if strings.Contains(query, `"`) {
		for _, m := range modes {
			modes = append(modes, sqlMode{ansiQuotes: true, noEscapes: m.noEscapes})
		}
	}
	return modes
}

// words are the names and key words of a statement in lower case, and the dots between
// them, without comments, texts and other punctuation, by the rules of MySQL 8.0's manual
// ("Comments", "String Literals", "Schema Object Names"). What stands in /*! … */ is a
// part of the statement for MySQL, and so it is here, whatever version it is for.
func words(query string, mode sqlMode) []string {
	var tokens []string
	name := func(quoted string, quote byte) string {
		end := textEnd(quoted, quote, false)
		tokens = append(tokens, strings.ToLower(quoted[:end]))
		return quoted[min(end+1, len(quoted)):]
	}
	for rest := query; rest != ""; {
		switch {
		case strings.HasPrefix(rest, "/*!"):
			rest = afterVersion(rest[len("/*!"):])
		case strings.HasPrefix(rest, "/*"):
			rest = after(rest[len("/*"):], "*/")
		case rest[0] == '#', isDashComment(rest):
			rest = after(rest, "\n")
		case rest[0] == '`', rest[0] == '"' && mode.ansiQuotes:
			rest = name(rest[1:], rest[0])
		case rest[0] == '\'', rest[0] == '"':
			end := textEnd(rest[1:], rest[0], !mode.noEscapes)
			rest = rest[min(end+2, len(rest)):]
		case rest[0] == '.':
			tokens, rest = append(tokens, "."), rest[1:]
		default:
			end := 0
			for end < len(rest) && isNameByte(rest[end]) {
				end++
			}
			if end > 0 {
				tokens = append(tokens, strings.ToLower(rest[:end]))
			}
			rest = rest[max(end, 1):]
		}
	}
	return tokens
}

// isNameByte says whether a byte may be a part of a name without quotes: ASCII letters and
// digits, $, _ and every byte of the characters from U+0080 on.
func isNameByte(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '_' || b == '$' || b >= 0x80
}

// isDashComment says whether a comment of two dashes begins: a space, a control character
// or the end has to follow, as in 5--1 it does not.
func isDashComment(rest string) bool {
	return strings.HasPrefix(rest, "--") && (len(rest) == 2 || rest[2] <= ' ' || rest[2] == 0x7f)
}

// afterVersion is what follows the version in a comment that is executed: five or six
// digits, or none.
func afterVersion(rest string) string {
	digits := 0
	for digits < len(rest) && digits < 6 && rest[digits] >= '0' && rest[digits] <= '9' {
		digits++
	}
	if digits < 5 {
		return rest
	}
	return rest[digits:]
}

// after is what follows the first mark in a text, nothing where there is none.
func after(text, mark string) string {
	_, rest, _ := strings.Cut(text, mark)
	return rest
}

// textEnd is where a text or a name in quotes ends, the first of which is gone: at the
// quote that is neither doubled nor, with escapes, after a backslash; at the end if none is.
func textEnd(rest string, quote byte, escapes bool) int {
	for i := 0; i < len(rest); i++ {
		switch {
		case escapes && rest[i] == '\\':
			i++
		case rest[i] == quote && i+1 < len(rest) && rest[i+1] == quote:
			i++
		case rest[i] == quote:
			return i
		}
	}
	return len(rest)
}
