package page

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/internal/httpserver"
)

const staticPath = "/static/"

// asset is one static file, ready to be sent.
type asset struct {
	contentType string
	address     string                       // with the hash of the content
	tag         string                       // the hash as a weak entity tag: all codings have it
	contents    map[httpserver.Coding][]byte // "" is the file as it is
}

// assets are the static files by name. Their addresses hold a hash of their content, so
// that a browser may keep them for ever and still sees each change at once.
type assets struct {
	named map[string]asset
}

var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

// newAssets joins the style sheets of static/css in the order of their names into one,
// site.css.
func newAssets() (*assets, error) {
	a := &assets{named: map[string]asset{}}
	names, err := fs.Glob(roomFiles, "static/css/*.css")
	if err != nil {
		return nil, err
	}
	var sheets []byte
	for _, name := range names {
		content, err := roomFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		sheets = append(sheets, content...)
	}
	return a, a.add("site.css", sheets)
}

// load reads the files of a room's folder static.
func (a *assets) load(files fs.FS) error {
	names, err := fs.Glob(files, "static/*.*")
	if err != nil {
		return err
	}
	for _, name := range names {
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		if err := a.add(path.Base(name), content); err != nil {
			return err
		}
	}
	return nil
}

func (a *assets) add(name string, content []byte) error {
	if _, exists := a.named[name]; exists {
		return fmt.Errorf("add %s: there is a file of this name", name)
	}
	contentType, ok := contentTypes[path.Ext(name)]
	if !ok {
		return fmt.Errorf("add %s: a file of unknown type", name)
	}
	contents := map[httpserver.Coding][]byte{"": content}
	for _, coding := range []httpserver.Coding{httpserver.Brotli, httpserver.Gzip} {
		packed, err := httpserver.Compress(coding, httpserver.FileLevel, content)
		if err != nil {
			return fmt.Errorf("add %s: %w", name, err)
		}
		contents[coding] = packed
	}
	sum := sha256.Sum256(content)
	stem, ext := strings.TrimSuffix(name, path.Ext(name)), path.Ext(name)
	a.named[name] = asset{
		contentType: contentType,
		address:     staticPath + stem + "." + hex.EncodeToString(sum[:5]) + ext,
		tag:         `W/"` + hex.EncodeToString(sum[:10]) + `"`,
		contents:    contents,
	}
	return nil
}

// url is the address of a file. A name that does not exist fails the page.
func (a *assets) url(name string) (string, error) {
	f, ok := a.named[name]
	if !ok {
		return "", fmt.Errorf("there is no static file %q", name)
	}
	return f.address, nil
}

// serve answers the address of a file. During an upgrade a page of one version may ask
// another version for a file: it gets the one there is, but may not keep it.
func (a *assets) serve(c *fiber.Ctx) error {
	file := path.Base(c.Path())
	parts := strings.Split(file, ".")
	if len(parts) < 3 {
		return fiber.ErrNotFound
	}
	name := strings.Join(slices.Delete(parts, len(parts)-2, len(parts)-1), ".")
	f, ok := a.named[name]
	if !ok {
		return fiber.ErrNotFound
	}
	httpserver.UsePagePolicy(c)
	c.Set(fiber.HeaderContentType, f.contentType)
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	if c.Path() == f.address {
		c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	} else {
		c.Set(fiber.HeaderCacheControl, "no-cache")
	}
	return a.send(c, f)
}

// send sends a file, compressed if the client says that it takes that.
func (a *assets) send(c *fiber.Ctx, f asset) error {
	coding := httpserver.CodingOf(c)
	if coding != "" {
		c.Set(fiber.HeaderContentEncoding, string(coding))
	}
	return c.Send(f.contents[coding])
}

// AddAsset adds a file that is made when the site starts.
func (r *Renderer) AddAsset(name string, content []byte) error { return r.assets.add(name, content) }

// ServeStable answers a file at an address without a hash, to any site; cache is how long
// it may be kept.
func (r *Renderer) ServeStable(name, cache string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		f := r.assets.named[name]
		httpserver.UsePagePolicy(c)
		httpserver.AllowAnyOrigin(c)
		c.Set(fiber.HeaderContentType, f.contentType)
		c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
		c.Set(fiber.HeaderCacheControl, cache)
		c.Set(fiber.HeaderETag, f.tag)
		if httpserver.TagMatches(c, f.tag) {
			return c.Status(fiber.StatusNotModified).Send(nil)
		}
		return r.assets.send(c, f)
	}
}
