package web

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"html/template"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"
)

//go:embed templates
var templateFiles embed.FS

// templateSet is every page in one locale, by name.
type templateSet map[string]*template.Template

var pageNames = []string{"home", "search", "course", "org", "teacher", "fault", "admin", "admin_consultations", "admin_trends", "admin_trend", "widgets", "consultation"}

// parseTemplates parses every page once for each locale, so that templates say
// {{t "key"}} without passing the language around.
func parseTemplates(a *assets) (map[locale]templateSet, error) {
	sets := map[locale]templateSet{}
	for _, l := range locales() {
		shared, err := template.New("").Funcs(functions(l, a)).ParseFS(templateFiles, "templates/layout.html", "templates/part_*.html")
		if err != nil {
			return nil, err
		}
		sets[l] = templateSet{}
		for _, name := range pageNames {
			t, err := shared.Clone()
			if err != nil {
				return nil, err
			}
			if sets[l][name], err = t.ParseFS(templateFiles, "templates/"+name+".html"); err != nil {
				return nil, err
			}
		}
	}
	return sets, nil
}

// functions are what templates can call.
func functions(l locale, a *assets) template.FuncMap {
	return template.FuncMap{
		"t":           l.text,
		"count":       func(n int) string { return l.count(int64(n)) },
		"counted":     func(what string, n int) string { return l.counted(what, l.count(int64(n)), int64(n)) },
		"date":        l.date,
		"duration":    l.duration,
		"level":       l.level,
		"orgCategory": l.orgCategory,
		"language":    l.languageName,
		"asset":       a.url,
		"cover":       cover,
		"emblem":      emblem,
		"stars":       stars,
		"highlight":   highlighted,
		"link":        l.link,
		"tagged": func(f, value string) string {
			return question{kind: catalog.KindCourse, lang: l.parameter()}.toggle(catalog.Facet(f), value).url()
		},
		"more": func(k string, n int) string {
			return tight(l.must("results.more."+k, l.count(int64(n))))
		},
		"joined":     func(list []string) string { return strings.Join(list, ", ") },
		"outside":    outside,
		"paragraphs": paragraphs,
		"add":        func(a, b int) int { return a + b },
	}
}

// stars draws a rating in whole stars: ★★★★☆.
func stars(r catalog.Rating) string {
	return strings.Repeat("★", r.Stars()) + strings.Repeat("☆", catalog.MaxStars-r.Stars())
}

// link is a path of ours that keeps the language which stands in the address.
func (l locale) link(path string) string {
	if !l.explicit {
		return path
	}
	separator := "?"
	if strings.Contains(path, "?") {
		separator = "&"
	}
	return path + separator + "lang=" + url.QueryEscape(string(l.language))
}

// outside is an address of another site if it is one that a page may lead to, else empty.
func outside(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return ""
	}
	return address
}

// parameter is the language that links of ours have to carry, if any.
func (l locale) parameter() language {
	if l.explicit {
		return l.language
	}
	return ""
}

// paragraphs splits a text at its line ends.
func paragraphs(s string) []string {
	var out []string
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// frame is what every page has around its content.
type frame struct {
	Title       string
	Description string
	Path        string // with the parameters that make it a page of its own, without lang
	NoIndex     bool
	Text        string       // in the search box
	Kind        catalog.Kind // that the search box keeps asking for
	Viewed      *catalog.Key // reported as a view
	Content     any

	// Filled by render.
	Language      string // BCP 47
	LangParameter language
	SwitchURL     string
	SwitchTo      language
	Canonical     string
	Alternates    []alternate
	HomeURL       string
}

// alternate is the same page in a given language.
type alternate struct{ Language, URL string }

// render sends a page. What goes wrong with a template is our fault and shows as a
// bare sentence: the error page may be what is broken.
func (p *pages) render(ctx context.Context, c *fiber.Ctx, l locale, name string, status int, f frame) error {
	f.Language, f.LangParameter = l.tag(), l.parameter()
	f.SwitchTo = l.other()
	f.SwitchURL = inLanguage(f.Path, l.other())
	f.HomeURL = l.link("/")
	f.Canonical = p.PublicURL + l.link(f.Path)
	f.Alternates = []alternate{
		{"zh-CN", p.PublicURL + inLanguage(f.Path, chinese)},
		{"en", p.PublicURL + inLanguage(f.Path, english)},
		{"x-default", p.PublicURL + f.Path},
	}
	var page bytes.Buffer
	if err := p.templates[l][name].ExecuteTemplate(&page, "layout", f); err != nil {
		p.Log.ErrorContext(ctx, "cannot render a page", "page", name, "err", err)
		status = fiber.StatusInternalServerError
		page.Reset()
		fmt.Fprintf(&page, "<!doctype html><title>%[1]s</title><p>%[1]s</p>", template.HTMLEscapeString(l.must("fault.internal")))
	}
	httpserver.UsePagePolicy(c)
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	c.Set(fiber.HeaderContentLanguage, l.tag())
	if c.GetRespHeader(fiber.HeaderCacheControl) == "" {
		// Pages are as fresh as the catalogue, but the back button may show what it had.
		c.Set(fiber.HeaderCacheControl, "private, no-cache")
	}
	c.Vary(fiber.HeaderAcceptLanguage, fiber.HeaderCookie)
	return c.Status(status).Send(page.Bytes())
}

func inLanguage(path string, l language) string { return locale{l, true}.link(path) }
