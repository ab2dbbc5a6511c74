package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/comments"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/progress"
	"github.com/xunke/xunke/internal/table"
)

func newCommentsCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "comments",
		Short: "Look at what learners say about courses, and show or hide it",
		Long: "Look at what learners say about courses. Nobody else sees a comment before it is shown here. Who wrote it\n" +
			"is told when it is shown, and when the org replies.",
		Example: "  xunke comments list\n" +
			"  xunke comments show 42 43\n" +
			"  xunke comments reply 42 '谢谢，第三课已更新。'",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	state := string(comments.Waiting)
	limit := 100
	list := &cobra.Command{
		Use: "list", Short: "List those that wait, the oldest first", Args: cobra.NoArgs,
		RunE: withStore(a, store.NewComments, func(ctx context.Context, s store.Comments, _ []string) error {
			if !slices.Contains(comments.States(), comments.State(state)) {
				return catalog.Invalidf("state", "%q is not one of waiting, shown, hidden", state)
			}
			if limit < 1 || limit > 10_000 {
				return catalog.Invalidf("limit", "%d is not 1 to 10000", limit)
			}
			return a.listComments(ctx, s, comments.State(state), limit)
		}),
	}
	list.Flags().StringVar(&state, "state", state, "waiting, shown or hidden")
	list.Flags().IntVar(&limit, "limit", limit, "how many at most, 1 to 10000")
	cmd.AddCommand(list,
		a.decideComments("show", "Show comments to everybody", comments.Shown),
		a.decideComments("hide", "Show comments to nobody but who wrote them", comments.Hidden),
		&cobra.Command{
			Use: "reply ID TEXT", Short: "Reply in the name of the org; an empty text takes the reply back", Args: cobra.ExactArgs(2),
			RunE: withStore(a, store.NewComments, func(ctx context.Context, s store.Comments, args []string) error {
				id, err := parseID(args[0])
				if err != nil {
					return err
				}
				text := strings.TrimSpace(args[1])
				if text != "" {
					var why string
					if text, why = comments.ParseText(text); why != "" {
						return catalog.Invalidf("text", "%s", why)
					}
				}
				return commentError(id, s.Reply(ctx, id, text, time.Now().UTC()))
			}),
		})
	return cmd
}

// commentError names the comment that is not there.
func commentError(id int64, err error) error {
	if catalog.CodeOf(err) == catalog.CodeNotFound {
		return &catalog.Error{Code: catalog.CodeNotFound, Message: fmt.Sprintf("there is no comment %d", id)}
	}
	return err
}

func (a *app) decideComments(use, short string, state comments.State) *cobra.Command {
	return &cobra.Command{
		Use: use + " ID...", Short: short, Args: cobra.MinimumNArgs(1),
		RunE: withStore(a, store.NewComments, func(ctx context.Context, s store.Comments, args []string) error {
			for _, arg := range args {
				id, err := parseID(arg)
				if err != nil {
					return err
				}
				if err := commentError(id, s.Decide(ctx, id, state, time.Now().UTC())); err != nil {
					return err
				}
			}
			return a.listComments(ctx, s, comments.Waiting, 100)
		}),
	}
}

func (a *app) listComments(ctx context.Context, s store.Comments, state comments.State, limit int) error {
	list, err := s.In(ctx, state, catalog.Page{Limit: limit})
	if err != nil {
		return err
	}
	if a.json {
		return printJSON(list)
	}
	if len(list.Hits) == 0 {
		fmt.Printf("None is %s.\n", state)
		return nil
	}
	t := table.Rows{{"id", "written", "course", "text", "reply"}}
	for _, c := range list.Hits {
		reply := ""
		if c.Reply != nil {
			reply = c.Reply.Text
		}
		oneLine := strings.NewReplacer("\n", " ")
		t = append(t, []string{strconv.FormatInt(c.ID, 10), c.CreatedAt.UTC().Format(time.DateTime), c.Course.Name, oneLine.Replace(c.Text), oneLine.Replace(reply)})
	}
	fmt.Print(t)
	fmt.Printf("%s in all; times are UTC. Next: xunke comments show ID, hide ID or reply ID TEXT\n", progress.Thousands(list.Total))
	return nil
}
