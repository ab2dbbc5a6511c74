package indexer

// scoreAnew writes every document again when their scores are to be made in another way
// than they were. The follower rebuilds the boards at each start.
func (l *leader) scoreAnew() {
	if l.state.Scoring == l.apply.scoring {
		return
	}
	if len(l.state.Live) > 0 {
		l.Log.Info("scores are made in another way than before: writing every document again",
			"scoring", l.apply.scoring, "before", l.state.Scoring)
		l.state.addTasks(everything())
	}
	l.state.Scoring = l.apply.scoring
}
