package hanzi

import (
	"strings"
	"sync"
)

// Shape says what a Latin query, or one word of it, could be as pinyin.
type Shape struct {
	// Pinyin: it cuts into whole syllables, but for the last, which may be unfinished if
	// there are others.
	Pinyin bool
	// Complete: the last syllable is whole, too.
	Complete bool
	// Syllables is the number of syllables of the likeliest cut.
	Syllables int
	// Initials: it could be initials: two to sixteen letters, all of which begin syllables,
	// and not mostly vowels.
	Initials bool
	// English: it is a common English word, whether or not it could be pinyin as well
	// (women, change, data). Only words that could be are known to the list.
	English bool
}

// ShapeOf judges a Latin query. A word such as "python" that is no pinyin can still be
// initials: what a name is really called decides, so look the English up first.
func ShapeOf(query string) Shape {
	t, ok := parseTyped(query)
	if !ok {
		return Shape{}
	}
	shape := Shape{Initials: len(t.cuts) == 0 && couldBeInitials(t.letters)}
	shape.English = englishWords()[strings.ToLower(strings.TrimSpace(query))]
	splits := SplitPinyin(query)
	if len(splits) == 0 {
		return shape
	}
	best := splits[0]
	shape.Complete = IsSyllable(best[len(best)-1])
	shape.Pinyin = shape.Complete || len(best) > 1
	if shape.Pinyin {
		shape.Syllables = len(best)
	}
	return shape
}

// IsPinyin says whether a Latin query is meant as pinyin as far as its letters tell: it cuts
// into syllables and is no common English word.
func IsPinyin(query string) bool {
	shape := ShapeOf(query)
	return shape.Pinyin && !shape.English
}

// couldBeInitials wants letters that begin syllables (not i, u, v), vowels in the minority.
func couldBeInitials(letters string) bool {
	if len(letters) < 2 || len(letters) > maxInsideInitials {
		return false
	}
	vowels := 0
	for _, r := range letters {
		switch r {
		case 'i', 'u', 'v':
			return false
		case 'a', 'e', 'o':
			vowels++
		default:
			if r < 'a' {
				return false
			}
		}
	}
	return 2*vowels < len(letters)
}

// englishList has common English words and names of technology that cut into syllables.
const englishList = `
a age ai an and bake balance ban banana band bang bank base bases bash bin boa bone
cache cad cake can cancer case cases chance change changed changes china chinese cute
damage dan dance danger data database date dates dean dense dice die diet dine dude duke
each ease engage enhance face fake fan fang fate future game games gang gate gender gene
genome genre geo guidance guide guise hand hang hate hen hue huge human humans julia
june kanban lab land lane language languages late later latex lead leader lean lease
leisure lie like line lines link linux lone long lua lute mac machine machines make
maker male man manage manager mane manga map mate mature maya me mean measure meme memes
men menu menus mice mime mind mine minute mobile mode model mole more mule muse mute
name names nature natures ne nice niche niece nine nude nun ocean one open orange pace
page pale pan panda pandas pane pen pie piece pin pine ping pink pipe poem pole pop pose
pure rang range ranger reach redis release rule rules run sage sale same sand sane
sang senior sense she shine size so song songs suite sun sure take tale tea teach
teacher teaches tiger tile time times to tube tune wage wake wan want water woman women
you
`

var englishWords = sync.OnceValue(func() map[string]bool {
	words := map[string]bool{}
	for _, word := range strings.Fields(englishList) {
		words[word] = true
	}
	return words
})
