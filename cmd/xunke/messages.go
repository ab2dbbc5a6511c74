package main

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/xunke/xunke/accounts"
	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/messages"
)

func newMessagesCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "messages",
		Short: "Tell learners something on the site",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var subject, text, email string
	var to messages.Audience
	send := &cobra.Command{
		Use: "send", Short: "Send a message to one learner, to those who take a course, or to all", Args: cobra.NoArgs,
		Long: "Send a message to one learner, to those who take a course, or to all who have an account now. It is given to\n" +
			"them by xunke serve, some thousands at a time; until then it is in xunke jobs list.",
		Example: "  xunke messages send --course 42 --subject 第三课已更新 --text '作业截止到周五。'",
		RunE: withStore(a, func(db *sql.DB) *sql.DB { return db }, func(ctx context.Context, db *sql.DB, _ []string) error {
			chosen := 0
			for _, is := range []bool{email != "", to.Course != 0, to.All} {
				if is {
					chosen++
				}
			}
			if chosen != 1 {
				return catalog.Invalidf("to", "say one of --to, --course and --all")
			}
			if email != "" {
				address, why := accounts.ParseEmail(email)
				if why != "" {
					return catalog.Invalidf("to", "%s", why)
				}
				account, err := store.NewAccounts(db).ByEmail(ctx, address.Key)
				if catalog.CodeOf(err) == catalog.CodeNotFound {
					return &catalog.Error{Code: catalog.CodeNotFound, Message: "there is no account with this address"}
				} else if err != nil {
					return err
				}
				to.Account = account.ID
			}
			sender := &messages.Service{Store: store.NewMessages(db), Log: a.log}
			if err := sender.Send(ctx, subject, text, to); err != nil {
				return err
			}
			if a.json {
				return printJSON(map[string]string{"status": "queued"})
			}
			fmt.Println("Queued: xunke serve gives it to its readers; xunke jobs list shows what still waits.")
			return nil
		}),
	}
	send.Flags().StringVar(&subject, "subject", "", "up to 120 characters")
	send.Flags().StringVar(&text, "text", "", "up to 4,000 characters of plain text")
	send.Flags().StringVar(&email, "to", "", "the address of one learner")
	send.Flags().Int64Var(&to.Course, "course", 0, "the id of a course: those who take it")
	send.Flags().BoolVar(&to.All, "all", false, "all who have an account")
	cmd.AddCommand(send)
	return cmd
}
