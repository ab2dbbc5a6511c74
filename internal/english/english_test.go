package english_test

import (
	"testing"

	"github.com/xunke/xunke/internal/english"
)

func TestIsWord(t *testing.T) {
	for word, want := range map[string]bool{
		"stars": true, "understand": true, "colour": true, "color": true, "zoology": true, "abbreviate": true, "children": true,
		"pyhton": false, "knwoledge": false, "desiign": false, "": false, "the": false, "数据": false, "stars\nstart": false,
	} {
		if english.IsWord(word) != want {
			t.Errorf("%q is a word: %t", word, !want)
		}
	}
}
