package main

import (
	"fmt"
	"net"
	"net/url"

	driver "github.com/go-sql-driver/mysql"
)

// mysqlAddress is where a DSN leads, without its password.
func mysqlAddress(dsn string) string {
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

// mysqlClient is how an administrator reaches the server that a DSN names.
func mysqlClient(dsn string) string {
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

// plainAddress is an address without the password that it may hold.
func plainAddress(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "http://127.0.0.1:9200"
	}
	u.User = nil
	return u.String()
}
