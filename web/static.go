package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/internal/httpserver"
)

//go:embed static
var staticFiles embed.FS

const staticPath = "/static/"

// asset is one static file, ready to be sent.
type asset struct {
	contentType string
	address     string // with the hash of the content
	tag         string // the hash as a weak entity tag: both encodings have it
	plain       []byte
	gzipped     []byte
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

// newAssets reads the embedded files. The style sheets of static/css are joined in the
// order of their names into one, site.css.
func newAssets() (*assets, error) {
	a := &assets{named: map[string]asset{}}
	var sheets []byte
	err := fs.WalkDir(staticFiles, "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := staticFiles.ReadFile(name)
		if err != nil {
			return err
		}
		if path.Dir(name) == "static/css" {
			sheets = append(sheets, content...)
			return nil
		}
		return a.add(path.Base(name), content)
	})
	if err != nil {
		return nil, err
	}
	if err := a.joinWidgets(); err != nil {
		return nil, err
	}
	return a, a.add("site.css", sheets)
}

func (a *assets) add(name string, content []byte) error {
	contentType, ok := contentTypes[path.Ext(name)]
	if !ok {
		return fmt.Errorf("add %s: a file of unknown type", name)
	}
	var zipped bytes.Buffer
	w, err := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
	if err != nil {
		return fmt.Errorf("compress %s: %w", name, err)
	}
	if _, err := w.Write(content); err != nil {
		return fmt.Errorf("compress %s: %w", name, err)
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("compress %s: %w", name, err)
	}
	sum := sha256.Sum256(content)
	stem, ext := strings.TrimSuffix(name, path.Ext(name)), path.Ext(name)
	a.named[name] = asset{
		contentType: contentType,
		address:     staticPath + stem + "." + hex.EncodeToString(sum[:5]) + ext,
		tag:         `W/"` + hex.EncodeToString(sum[:10]) + `"`,
		plain:       content,
		gzipped:     zipped.Bytes(),
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
	if c.Get(fiber.HeaderAcceptEncoding) != "" && c.AcceptsEncodings("gzip") == "gzip" {
		c.Set(fiber.HeaderContentEncoding, "gzip")
		return c.Send(f.gzipped)
	}
	return c.Send(f.plain)
}
