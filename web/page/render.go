// Package page is what the pages of all rooms share: the two languages and their texts,
// the frame around a page, static files, and how an error is shown. A room brings its
// templates (Room) and renders them with a Renderer.
package page

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"log/slog"
	"net/url"
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"
	"github.com/xunke/xunke/internal/logging"
)

//go:embed templates static
var roomFiles embed.FS

// Room is a part of the site that has pages of its own.
type Room struct {
	// Files has templates/*.html, one for each page, templates/part_*.html, which these
	// pages share, and static/*, which browsers load. Each may be absent.
	Files fs.FS
	// Functions are what its templates call beside those of every page; nil: nothing.
	Functions func(l Locale) template.FuncMap
}

// Options is what the frame around every page needs.
type Options struct {
	// PublicURL is how visitors reach the site, without a slash at the end. Empty:
	// canonical and alternate links are relative.
	PublicURL string
	// HasAccounts says that visitors can log in.
	HasAccounts bool
	Log         *slog.Logger
}

// Renderer makes the pages of all rooms. Rooms are added before the server answers.
type Renderer struct {
	Options
	assets    *assets
	templates map[Locale]map[string]*template.Template
	absent    logging.KeyedLimiter
}

// New mounts what all pages share on a server: static files, and a page for requests that
// no route answers, unless they are for the API.
func New(server *httpserver.Server, o Options) (*Renderer, error) {
	a, err := newAssets()
	if err != nil {
		return nil, fmt.Errorf("load static files: %w", err)
	}
	r := &Renderer{Options: o, assets: a, templates: map[Locale]map[string]*template.Template{}}
	for _, l := range locales() {
		r.templates[l] = map[string]*template.Template{}
	}
	if err := r.Add(Room{Files: roomFiles}); err != nil {
		return nil, err
	}
	app := server.App()
	app.Use(r.renderNotFound)
	app.Get(staticPath+"*", r.assets.serve)
	return r, nil
}

// Add loads a room's static files, and parses its pages once for each locale, so that
// templates say {{t "key"}} without passing the language around. No two rooms may have a
// page or a file of one name.
func (r *Renderer) Add(room Room) error {
	if err := r.assets.load(room.Files); err != nil {
		return fmt.Errorf("load static files: %w", err)
	}
	names, err := fs.Glob(room.Files, "templates/*.html")
	if err != nil {
		return fmt.Errorf("list templates: %w", err)
	}
	var parts, pages []string
	for _, name := range names {
		switch base := path.Base(name); {
		case strings.HasPrefix(base, "part_"):
			parts = append(parts, name)
		case base != layoutFile:
			pages = append(pages, name)
		}
	}
	for _, l := range locales() {
		shared, err := r.parseShared(l, room, parts)
		if err != nil {
			return err
		}
		for _, file := range pages {
			name := strings.TrimSuffix(path.Base(file), ".html")
			if r.templates[l][name] != nil {
				return fmt.Errorf("parse %s: there is a page of this name", file)
			}
			t, err := shared.Clone()
			if err != nil {
				return fmt.Errorf("parse %s: %w", file, err)
			}
			if r.templates[l][name], err = t.ParseFS(room.Files, file); err != nil {
				return fmt.Errorf("parse templates: %w", err)
			}
		}
	}
	return nil
}

// layoutFile is the frame that every page stands in.
const layoutFile = "layout.html"

// parseShared parses what the pages of a room have in common.
func (r *Renderer) parseShared(l Locale, room Room, parts []string) (*template.Template, error) {
	shared := template.New("").Funcs(functions(l, r.assets))
	if room.Functions != nil {
		shared.Funcs(room.Functions(l))
	}
	shared, err := shared.ParseFS(roomFiles, "templates/"+layoutFile, "templates/part_*.html")
	if err == nil && len(parts) > 0 {
		shared, err = shared.ParseFS(room.Files, parts...)
	}
	if err != nil {
		return nil, fmt.Errorf("parse templates: %w", err)
	}
	return shared, nil
}

// functions are what the templates of every room can call.
func functions(l Locale, a *assets) template.FuncMap {
	return template.FuncMap{
		"t":           l.Lookup,
		"count":       func(n int) string { return l.Count(int64(n)) },
		"counted":     func(what string, n int) string { return l.CountOf(what, l.Count(int64(n)), int64(n)) },
		"date":        l.Date,
		"duration":    l.duration,
		"level":       l.Level,
		"orgCategory": l.OrgCategory,
		"language":    l.LanguageName,
		"asset":       a.url,
		"link":        l.Link,
		"joined":      func(list []string) string { return strings.Join(list, ", ") },
		"outside":     outside,
		"paragraphs":  paragraphs,
		"add":         func(a, b int) int { return a + b },
	}
}

// Link is a path of ours that keeps the language which stands in the address.
func (l Locale) Link(path string) string {
	if !l.Explicit {
		return path
	}
	separator := "?"
	if strings.Contains(path, "?") {
		separator = "&"
	}
	return path + separator + "lang=" + url.QueryEscape(string(l.Language))
}

// outside is an address of another site if it is one that a page may lead to, else empty.
func outside(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return ""
	}
	return address
}

// LinkLanguage is the language that links of ours have to carry, if any.
func (l Locale) LinkLanguage() Language {
	if l.Explicit {
		return l.Language
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

// Frame is what every page has around its content.
type Frame struct {
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
	LangParameter Language
	SwitchURL     string
	SwitchTo      Language
	Canonical     string
	Alternates    []alternate
	HomeURL       string
	HasAccounts   bool
	HasSession    bool // whether it is a good one, nobody has looked
}

// alternate is the same page in a given language.
type alternate struct{ Language, URL string }

// Render sends a page. What goes wrong with a template is our fault and shows as a
// bare sentence: the error page may be what is broken.
func (r *Renderer) Render(ctx context.Context, c *fiber.Ctx, l Locale, name string, status int, f Frame) error {
	f.Language, f.LangParameter = l.Tag(), l.LinkLanguage()
	f.SwitchTo = l.other()
	f.SwitchURL = inLanguage(f.Path, l.other())
	f.HomeURL = l.Link("/")
	f.HasAccounts = r.HasAccounts
	f.HasSession = r.HasAccounts && httpserver.SessionToken(c) != ""
	f.Canonical = r.PublicURL + l.Link(f.Path)
	f.Alternates = []alternate{
		{"zh-CN", r.PublicURL + inLanguage(f.Path, Chinese)},
		{"en", r.PublicURL + inLanguage(f.Path, English)},
		{"x-default", r.PublicURL + f.Path},
	}
	var page bytes.Buffer
	if err := r.execute(&page, l, name, "layout", f); err != nil {
		r.Log.ErrorContext(ctx, "cannot render a page", "page", name, "err", err)
		status = fiber.StatusInternalServerError
		page.Reset()
		fmt.Fprintf(&page, "<!doctype html><title>%[1]s</title><p>%[1]s</p>", template.HTMLEscapeString(l.Text("fault.internal")))
	}
	httpserver.UsePagePolicy(c)
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	c.Set(fiber.HeaderContentLanguage, l.Tag())
	if c.GetRespHeader(fiber.HeaderCacheControl) == "" {
		// Pages are as fresh as the catalogue, but the back button may show what it had.
		c.Set(fiber.HeaderCacheControl, "private, no-cache")
	}
	c.Vary(fiber.HeaderAcceptLanguage, fiber.HeaderCookie)
	return c.Status(status).Send(page.Bytes())
}

// execute runs one template of a page.
func (r *Renderer) execute(w io.Writer, l Locale, page, template string, data any) error {
	t := r.templates[l][page]
	if t == nil {
		return fmt.Errorf("there is no page %q", page)
	}
	return t.ExecuteTemplate(w, template, data)
}

// RenderPart renders one template of a page by itself, in a language that the address
// does not say.
func (r *Renderer) RenderPart(w io.Writer, l Language, page, template string, data any) error {
	return r.execute(w, Locale{l, false}, page, template, data)
}

// BaseURL is the address of this site as others have to write it. Without a public URL it is
// what the request says, which may be anything: such an answer is for who asked, never for
// a cache.
func (r *Renderer) BaseURL(c *fiber.Ctx) string {
	if r.PublicURL != "" {
		return r.PublicURL
	}
	return c.Protocol() + "://" + httpserver.Host(c)
}

func inLanguage(path string, l Language) string { return Locale{l, true}.Link(path) }
