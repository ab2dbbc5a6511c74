package main

import (
	"context"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/consultations"
	"github.com/xunke/xunke/internal/mysql/store"
	"github.com/xunke/xunke/internal/progress"
	"github.com/xunke/xunke/internal/table"
)

// personalCommands are what the law asks of who keeps names and numbers.
func (a *app) personalCommands() []*cobra.Command {
	var limit int
	audit := &cobra.Command{
		Use: "audit", Short: "List who read, exported or erased consultations, the latest first", Args: cobra.NoArgs,
		RunE: a.withConsultations(func(ctx context.Context, s store.Consultations, _ []string) error {
			if limit < 1 || limit > 10_000 {
				return catalog.Invalidf("limit", "%d is not 1 to 10000", limit)
			}
			return a.listAudit(ctx, s, limit)
		}),
	}
	audit.Flags().IntVar(&limit, "limit", 100, "how many at most, 1 to 10000")
	return []*cobra.Command{
		{
			Use: "export MOBILE", Short: "Print as JSON all that is kept of who has a number", Args: cobra.ExactArgs(1),
			RunE: a.withConsultations(func(ctx context.Context, s store.Consultations, args []string) error {
				mobile, err := mobileOf(args[0])
				if err != nil {
					return err
				}
				list, err := s.Export(ctx, mobile)
				if err != nil {
					return err
				}
				return printJSON(list)
			}),
		},
		{
			Use: "erase MOBILE", Short: "Delete all that is kept of who has a number", Args: cobra.ExactArgs(1),
			RunE: a.withConsultations(func(ctx context.Context, s store.Consultations, args []string) error {
				mobile, err := mobileOf(args[0])
				if err != nil {
					return err
				}
				n, err := s.Erase(ctx, mobile)
				if err != nil {
					return err
				}
				return a.reportErasure(n)
			}),
		},
		{
			Use: "clean", Short: "Delete now what is older than api.consultations_kept, however much it is", Args: cobra.NoArgs,
			RunE: a.withConsultations(func(ctx context.Context, s store.Consultations, _ []string) error {
				if a.config.API.ConsultationsKept == 0 {
					return &catalog.Error{Code: catalog.CodeInvalid, Message: "consultations are kept for ever", Hint: "set api.consultations_kept"}
				}
				for {
					more, err := s.Forced().Prune(ctx, a.config.API.ConsultationsKept)
					if err != nil || !more {
						return err
					}
				}
			}),
		},
		audit,
	}
}

// commandUser is who runs a command, for the audit.
func commandUser() string {
	name := strconv.Itoa(os.Getuid())
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	return "command, user " + name
}

func mobileOf(typed string) (string, error) {
	mobile, ok := consultations.ParseMobile(typed)
	if !ok {
		return "", catalog.Invalidf("mobile", "is not a mobile number such as 13800138000 or +85251234567")
	}
	return mobile, nil
}

func (a *app) reportErasure(n int) error {
	if a.json {
		return printJSON(map[string]int{"erased": n})
	}
	fmt.Printf("erased %s consultations; backups and the binlog have them for as long as these are kept\n", progress.Thousands(int64(n)))
	return nil
}

func (a *app) listAudit(ctx context.Context, s store.Consultations, limit int) error {
	list, err := s.Audit(ctx, limit)
	if err != nil {
		return err
	}
	if a.json {
		return printJSON(list)
	}
	t := table.Rows{{"at (UTC)", "who", "did", "number", "ids"}}
	for _, r := range list {
		t = append(t, []string{r.At.UTC().Format(time.DateTime), r.Who, r.Action, progress.Thousands(r.Number), r.IDs})
	}
	fmt.Print(t)
	return nil
}
