package catalog

// Because says what makes a course related to another.
type Because string

// The reasons: they share tags, their texts are alike, they are close in meaning, learners
// take both.
const (
	BecauseTags     Because = "tags"
	BecauseText     Because = "text"
	BecauseMeaning  Because = "meaning"
	BecauseLearners Because = "learners"
)

// Reasons returns every reason.
func Reasons() []Because { return []Because{BecauseTags, BecauseText, BecauseMeaning, BecauseLearners} }

// RelatedCourse is a course that is related to another. Score is comparable within one
// list only.
type RelatedCourse struct {
	CourseHit
	Because []Because `json:"because"`
}

// Related is what is related to a course.
type Related struct {
	Hits     []RelatedCourse // everything, best first
	AlsoTook []RelatedCourse // what learners of the course also took
	Alike    []RelatedCourse // what shares tags, text or meaning, without those of AlsoTook

	// Degraded means that the index did not answer, and without it nothing is known to be alike.
	Degraded bool
}
