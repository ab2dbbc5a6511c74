// Package mutants takes the safeguards of the program away, one at a time, and sees that
// the tests of package chaos notice. The changed sources exist only in a build (go build
// -overlay): nothing of this is in the program.
package mutants

// Mutant is the program without one of its safeguards.
type Mutant struct {
	Name  string
	Loses string // what is taken away
	Edits []Edit
	Test  string // of package chaos, that must notice: a pattern of go test -run
}

// Tests of package chaos.
const (
	visibleLate       = `^TestDirected$/^commits_that_are_visible_late$`
	diesBeforeBatch   = `^TestDirected$/^an_indexer_that_dies_before_its_batch_is_written$`
	diesBeforeSums    = `^TestDirected$/^an_indexer_that_dies_before_sums_are_read$`
	arrivesAfterwards = `^TestDirected$/^a_write_that_arrives_after_the_delete$`
	putOff            = `^TestDirected$/^documents_that_are_put_off$`
	leaves            = `^TestDirected$/^rows_that_leave_their_parents_and_ids$`
	newNames          = `^TestDirected$/^parents_with_new_names$`
	passedOver        = `^TestDirected$/^statements_that_canal_passes_over$`
	secondPhase       = `^TestDirected$/^rows_that_are_visible_when_their_second_phase_ends$`
	forgotten         = `^TestHistory$/^everything_forgotten_while_the_indexer_is_away$`
	events            = `^TestEvents$`
)

// All lists the mutants.
var All = []Mutant{
	{"nowait", "the wait for the transaction (GTID) before its rows are read", []Edit{
		{"(*Reader).snapshot", atStart(`wait = ""`)},
	}, visibleLate},
	{"nofanoutwait", "the same wait before a fan-out", []Edit{
		{"(*leader).fanOutStep", argument(call("apply"), 2, `""`)},
	}, visibleLate},
	{"ackfirst", "the order of writing and acknowledging", []Edit{
		{"(*leader).runDrain", drop(call("drain"))},
		{"(*leader).runDrain", after(call("update"), `if err := l.drain(ctx, b, epoch, live); err != nil {
			return err
		}`)},
	}, diesBeforeBatch},
	{"forgetsums", "the orgs and teachers to be read again, in what is saved with the acknowledgement", []Edit{
		{"(*leader).save", drop(call("save"))},
	}, diesBeforeSums},
	{"harddelete", "tombstones: documents are deleted instead", []Edit{
		{"(*Writer).send", before(text("external_gte"), `if bytes.Contains(d.Body, []byte("\"deleted\":true")) {
			fmt.Fprintf(&body, "{\"delete\":{\"_id\":\"%d\",\"version\":%d,\"version_type\":\"external_gte\"}}\n", d.ID, d.Version)
			continue
		}`)},
	}, arrivesAfterwards},
	{"noversion", "the versions of documents", []Edit{
		{"(*Writer).send", become(text("external_gte"), `fmt.Fprintf(&body, "{\"index\":{\"_id\":\"%d\"}}\n", d.ID)`)},
	}, arrivesAfterwards},
	{"dropitem", "the second try of a document that was put off", []Edit{
		{"(*applier).settle", drop(call("append", "again"))},
	}, putOff},
	{"nobefore", "the row as it was before", []Edit{
		{"rowChange.images", atStart(`if c.after != nil {
			return []*image{c.after}
		}`)},
	}, leaves},
	{"wrongside", "the side of a fan-out: children tell of their org, and it does not tell of itself", []Edit{
		{"orgRule", drop(call("fanOut", "CoursesOfOrg"))},
		{"orgRule", drop(call("fanOut", "TeachersOfOrg"))},
		{"courseRule", after(call("sum", "KindOrg"), `keys.fanOut(CoursesOfOrg, org)`)},
	}, newNames},
	{"noskipped", "the statements that canal's parser does not understand", []Edit{
		{"(*skipped).Handle", atStart(`return nil`)},
	}, passedOver},
	{"noforget", "forgetting a table's definition after such a statement", []Edit{
		{"(*Handler).redefine", drop(call("forget"))},
	}, passedOver},
	{"onephase", "reading the rows of an XA transaction when its second phase ends", []Edit{
		{"(*Handler).onXA", become(call("Merge"), `_ = keys`)},
	}, secondPhase},
	{"nohistory", "every check of the history", []Edit{
		{"compareHistory", atStart(`if s.Epoch > 0 {
			return nil, nil
		}`)},
		{"(*Handler).OnGTID", value(call("Equal", "Committed"), `true`)},
	}, forgotten},
	{"nocommittime", "the comparison of the last transaction's commit time: sets of GTIDs are compared", []Edit{
		{"(*Handler).OnGTID", value(call("Equal", "Committed"), `true`)},
	}, forgotten},
	{"nosweep", "reading everything again in a new epoch", []Edit{
		{"(*leader).newEpoch", drop(call("addTasks"))},
	}, forgotten},
	{"ackuncounted", "the order of counting events and acknowledging them", []Edit{
		{"(*Consumer).batch", become(call("Next"), `events, err = c.Queue.Next(ctx, consumeMost)
		if err != nil || len(events) == 0 {
			return events, err
		}
		ids := make([]QueueID, len(events))
		for i, e := range events {
			ids[i] = e.ID
		}
		return events, c.Queue.Acknowledge(ctx, ids)`)},
	}, events},
	{"noposition", "the place up to which events are counted", []Edit{
		{"(*EventCounter).Count", value(call("Compare", "last"), `1`)},
	}, events},
	{"nospill", "the file for events that Redis does not take", []Edit{
		{"(*Recorder).spillOrDrop", atStart(`if e.Type != "" {
			r.dropped.Add(1)
			return
		}`)},
	}, events},
}
