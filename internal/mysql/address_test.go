package mysql_test

import (
	"testing"

	"github.com/xunke/xunke/internal/mysql"
)

func TestAddressesWithoutPasswords(t *testing.T) {
	for dsn, want := range map[string]struct{ address, client string }{
		"xunke:hunter2@tcp(db.example:13306)/xunke": {"db.example:13306", "mysql -h db.example -P 13306 -u root -p xunke"},
		"xunke:hunter2@tcp(db.example)/xunke":       {"db.example:3306", "mysql -h db.example -P 3306 -u root -p xunke"},
		"xunke:hunter2@unix(/run/mysql.sock)/xunke": {"/run/mysql.sock", "mysql -S /run/mysql.sock -u root -p xunke"},
		"nonsense": {"", "mysql -u root -p"},
	} {
		if address, client := mysql.AddressOf(dsn), mysql.ClientCommand(dsn); address != want.address || client != want.client {
			t.Errorf("%s: %q and %q", dsn, address, client)
		}
	}
}
