package catalog

// NoticeCode says what a notice is about, for machines. Clients must expect codes that
// they do not know.
type NoticeCode string

// The codes of notices.
const (
	NoticePartial   NoticeCode = "partial"   // something did not answer in time
	NoticeDegraded  NoticeCode = "degraded"  // a substitute answers: by names alone, without facets
	NoticeQueryCut  NoticeCode = "query_cut" // only the beginning of a long query was used
	NoticeCorrected NoticeCode = "corrected" // the hits are those of the correction
	NoticeRelaxed   NoticeCode = "relaxed"   // the hits lack some of the words
	NoticeNoWords   NoticeCode = "no_words"  // the query has no letter, digit or Hanzi
)

// Notice tells the user something about an answer: that the query was cut, that the
// answer is degraded. Code is for machines, Message for people.
type Notice struct {
	Code    NoticeCode `json:"code"`
	Message string     `json:"message"`
}
