package plan

// OrdinaryPrice is the most that a query costs of those that people type: a few words in
// any script, with what may stand for them.
const OrdinaryPrice = 24

// termsPerClause is how many terms of one clause cost as much as a clause.
const termsPerClause = 8

// Price is about how much work the plan is for an index, in clauses that have to be looked
// up: what was typed, its readings in names and among people, and what may stand for it. It
// is known before anything is asked.
func (p Plan) Price() int {
	price := 2 * (len(p.Pinyin) + len(p.Loose) + len(p.Initials))
	for _, groups := range [][]Group{p.Groups, p.About} {
		for _, g := range groups {
			price += 1 + 2*len(g.Synonyms) + g.Terms()/termsPerClause
			for _, part := range g.Parts {
				price += 2 * len(part.Pinyin)
			}
		}
	}
	return price
}
