package mysql

import (
	"errors"
	"strings"
	"testing"

	"github.com/xunke/xunke/catalog"
)

// TestVersions has what SELECT VERSION() says of servers of several kinds.
func TestVersions(t *testing.T) {
	for version, says := range map[string]string{
		"8.0.33":                         "",
		"8.0.33-debug":                   "",
		"8.4.3":                          "",
		"8.0.33-MariaDB":                 "MariaDB",
		"10.11.6-MariaDB-0+deb12u1":      "MariaDB",
		"10.11.19-MariaDB-0+deb12u1-log": "MariaDB",
		"5.5.5-10.6.12-MariaDB-1:10.6.12+maria~ubu2004": "MariaDB",
		"5.7.8-rc":   "upgrade",
		"5.7.44-log": "upgrade",
		"9.1.0":      "never tried",
	} {
		err := CheckVersion(version)
		e, refused := errors.AsType[*catalog.Error](err)
		if refused != (says != "") || says != "" && (!strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), version) || e.Hint == "") {
			t.Errorf("%s: %v, want something with %q", version, err, says)
		}
	}
}
