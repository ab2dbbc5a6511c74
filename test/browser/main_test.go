// Package browser looks at the pages and widgets in Chromium.
package browser

import (
	"testing"

	"github.com/xunke/xunke/web/webtest"
)

func TestMain(m *testing.M) { webtest.Main(m) }
