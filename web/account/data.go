package account

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/internal/httpserver"
	"github.com/xunke/xunke/web/page"
)

// exportPath is the call of the API that has all that is kept of a learner.
const exportPath = "/api/v1/me/export"

// keptTexts name what accounts.KeptAfterDeletion lists, in its order.
var keptTexts = []string{"calls", "counts", "backups"}

func deletionForm(l page.Locale) *form {
	return (&form{Name: "delete", Action: l.Link("/me/delete"), Submit: l.Text("account.delete.submit"), Grave: true}).add(presentPasswordField(l))
}

func (p *pages) showData(ctx context.Context, c *fiber.Ctx, l page.Locale, account int64) error {
	return p.showDataForm(ctx, c, l, fiber.StatusOK, account, deletionForm(l))
}

func (p *pages) showDataForm(ctx context.Context, c *fiber.Ctx, l page.Locale, status int, account int64, f *form) error {
	profile, err := p.accounts.Profile(ctx, account)
	if err != nil {
		return err
	}
	f.Username = profile.Email
	m := me{Section: "data", Profile: profile, Forms: map[string]*form{"delete": f}, Export: exportPath}
	for _, name := range keptTexts {
		m.Kept = append(m.Kept, kept{l.Text("account.kept." + name), l.Text("account.kept." + name + ".why")})
	}
	return p.showMe(ctx, c, l, status, m)
}

func (p *pages) deleteAccount(ctx context.Context, c *fiber.Ctx, l page.Locale, account int64) error {
	f := deletionForm(l)
	err := p.accounts.Delete(ctx, clientOf(c), account, f.read(c)["password"])
	if err == nil {
		httpserver.ClearSession(c)
		return seeOther(c, l, "/login?done=deleted")
	}
	status, err := f.refuse(c, l, err)
	if err != nil {
		return err
	}
	return p.showDataForm(ctx, c, l, status, account, f)
}
