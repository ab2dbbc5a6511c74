package mysql

import (
	"fmt"
	"net"

	driver "github.com/go-sql-driver/mysql"
)

// AddressOf is where a DSN leads, without its password.
func AddressOf(dsn string) string {
	c, err := driver.ParseDSN(dsn)
	if err != nil {
		return ""
	}
	if c.Net == "unix" {
		return c.Addr
	}
	if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		return net.JoinHostPort(c.Addr, "3306")
	}
	return c.Addr
}

// ClientCommand is how an administrator reaches the server that a DSN names.
func ClientCommand(dsn string) string {
	c, err := driver.ParseDSN(dsn)
	if err != nil {
		return "mysql -u root -p"
	}
	if c.Net == "unix" {
		return fmt.Sprintf("mysql -S %s -u root -p %s", c.Addr, c.DBName)
	}
	host, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		host, port = c.Addr, "3306"
	}
	return fmt.Sprintf("mysql -h %s -P %s -u root -p %s", host, port, c.DBName)
}
