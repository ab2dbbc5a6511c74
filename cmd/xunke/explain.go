package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/elastic"
	"github.com/xunke/xunke/internal/mysql"
	"github.com/xunke/xunke/verify"
)

func newExplainCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "explain KIND ID",
		Short: "Tell everything about one item: its row, its documents, their versions, what differs and why",
		Long: "Tell everything about one item: its row, its documents and their versions, what differs, what is on its way,\n" +
			"and which transaction touched it last. That is looked for on the binlog, for up to five seconds and up to a\n" +
			"million transactions back, as the replication user; it changes nothing.",
		Example: "  xunke explain course 42\n" +
			"  xunke explain org 7 --json",
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			key, err := parseItem(args)
			if err != nil {
				return err
			}
			return a.explain(cmd.Context(), key)
		},
	}
}

func (a *app) explain(ctx context.Context, key catalog.Key) error {
	a.log = logger(os.Stderr, a.config.Log, slog.LevelWarn)
	db, err := a.mysql(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // nothing was written
	client, err := a.elasticsearch()
	if err != nil {
		return err
	}
	oracle := mysql.NewOracle(db)
	v := verify.Verifier{
		Scoring: a.config.Rankings.Scoring(),
		Oracle:  oracle,
		Index:   elastic.NewLister(client),
		States:  elastic.NewStateStore(client),
		Leader:  mysql.NewLease(db, a.config.Elasticsearch.Prefix),
	}
	e, err := v.Explain(ctx, key, oracle, client, toucher{a: a, db: db})
	if err != nil {
		return err
	}
	if a.json {
		return printJSON(e)
	}
	fmt.Print(explained(e))
	return nil
}

// explained is an explanation for people.
func explained(e verify.Explanation) string {
	var b strings.Builder
	t := table{{"row", rowLine(e)}}
	for _, c := range e.Documents {
		t = append(t, []string{string(c.Stage), copyLine(c)})
	}
	if len(e.Documents) == 0 {
		t = append(t, []string{"index", "there is none yet (run: xunke index)"})
	}
	t = append(t, []string{"MySQL", fmt.Sprintf("%d transactions, %d of them not indexed yet, %d fan-outs to %s wait", e.Executed, e.Waiting, e.FanOut, e.Kind.Plural())})
	t = append(t, []string{"touched last", touchedLine(e)})
	if e.Last != nil {
		t = append(t, []string{"indexed up to", fmt.Sprintf("%s:%d of all transactions, committed %s ago", e.Last.UUID, e.Last.Number, ago(e.Last.Committed))})
	}
	b.WriteString(t.String())
	for _, l := range e.DeadLetters {
		fmt.Fprintf(&b, "! refused by %s at %s: %s\n", l.Index, l.At, l.Reason)
	}
	for _, c := range e.Documents {
		if c.Problem != "" {
			d := verify.Difference{Kind: e.Kind, ID: e.ID, Problem: c.Problem, Fields: c.Fields}
			fmt.Fprintf(&b, "! in %s: %s\n", c.Index, strings.ReplaceAll(d.String(), "\n", "\n! in "+c.Index+": "))
		}
	}
	b.WriteString(verdict(e) + "\n")
	return b.String()
}

func rowLine(e verify.Explanation) string {
	switch {
	case e.Row == nil:
		return "there is none"
	case !e.Visible:
		return fmt.Sprintf("%v, hidden, changed %v", e.Row["name"], e.Row["updated_at"])
	default:
		return fmt.Sprintf("%v, changed %v", e.Row["name"], e.Row["updated_at"])
	}
}

func copyLine(c verify.Copy) string {
	if c.Version == 0 {
		return c.Index + ": no document"
	}
	line := fmt.Sprintf("%s: version %d, read at transaction %d of epoch %d", c.Index, c.Version, c.Executed, c.Epoch)
	if c.Problem != "" {
		line += ", " + string(c.Problem)
	}
	return line
}

// verdict says in a sentence how things are and what to do.
func verdict(e verify.Explanation) string {
	wrong := false
	for _, c := range e.Documents {
		wrong = wrong || c.Problem != ""
	}
	switch {
	case !wrong && e.Visible:
		return "The document is what the row says."
	case !wrong:
		return "There is nothing to be found, and nothing is."
	case e.InFlight:
		return "It may be on its way: look again in a moment."
	case len(e.DeadLetters) > 0:
		return "Elasticsearch refused the document: mend the row or the mapping, then run: xunke deadletters retry " + string(e.Kind) + " " + strconv.FormatInt(e.ID, 10)
	case e.Waiting > 0:
		return "No indexer leads: start one with: xunke index"
	default:
		return "Nothing is on its way that would mend it: run: xunke verify --kind " + string(e.Kind) + " --fix"
	}
}
