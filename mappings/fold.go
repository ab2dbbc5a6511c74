package mappings

import "github.com/xunke/xunke/internal/hanzi"

// foldingRules are the rules of the char filter that runs before everything else: width
// before technical terms are looked for, so that Ｃ＋＋ is C++, and traditional to simplified.
func foldingRules() []string { return append(hanzi.WidthPairs(), hanzi.TraditionalPairs()...) }
