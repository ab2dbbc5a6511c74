package account_test

import (
	"testing"

	"github.com/xunke/xunke/web/webtest"
)

func TestMain(m *testing.M) { webtest.Main(m) }
