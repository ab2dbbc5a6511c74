package hanzi

import "testing"

// BenchmarkLoad measures what the first use of the package costs.
func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		table := newPhraseTable()
		table.add(phrasesFile, costPiece)
		table.add(coursePhrasesFile, costOwnPhrase)
		pairs := 0
		eachLine(traditionalFile, func(line string) { pairs += len([]rune(line)) })
	}
}
