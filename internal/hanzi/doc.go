// Package hanzi turns Chinese and mixed names into the forms in which they are looked up,
// and queries into the same forms: folded text, pinyin, initials and near-homophone keys.
//
// One code path serves both sides, so that what is indexed and what is typed can meet
// without any plugin in the search engine. Nothing here does I/O: the tables are embedded,
// are built once on first use, and never change afterwards. Where they come from is said in
// data/README.md.
//
// Pinyin is written without tones, in lower case, with ü as v (nv, lve). Offsets are counted
// in runes of the original string.
package hanzi
