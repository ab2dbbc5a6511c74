package mysql

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"slices"

	"github.com/go-sql-driver/mysql"

	"github.com/xunke/xunke/catalog"
)

// Server error numbers that are told apart (MySQL 8.0 error reference).
const (
	ErrnoTooManyConnections   uint16 = 1040
	ErrnoDBAccessDenied       uint16 = 1044
	ErrnoAccessDenied         uint16 = 1045
	ErrnoUnknownDatabase      uint16 = 1049
	ErrnoServerShutdown       uint16 = 1053
	ErrnoUnknownColumn        uint16 = 1054
	ErrnoHostBlocked          uint16 = 1129
	ErrnoHostNotPrivileged    uint16 = 1130
	ErrnoDuplicate            uint16 = 1062
	ErrnoTableAccessDenied    uint16 = 1142
	ErrnoNoSuchTable          uint16 = 1146
	ErrnoLockWaitTimeout      uint16 = 1205
	ErrnoDeadlock             uint16 = 1213
	ErrnoSpecificAccessDenied uint16 = 1227
	ErrnoQueryInterrupted     uint16 = 1317
	ErrnoTableChanged         uint16 = 1412 // since the snapshot began
	ErrnoQueryTimeout         uint16 = 3024
)

// IsServerError says whether a server answered with one of these error numbers.
func IsServerError(err error, numbers ...uint16) bool {
	e, ok := errors.AsType[*mysql.MySQLError](err)
	return ok && slices.Contains(numbers, e.Number)
}

// ReadError makes a catalog.CodeUnavailable of the error of a read when MySQL is not there,
// or refuses now what it would do at another time. Other errors come back as they are.
func ReadError(err error) error {
	var network net.Error
	_, answered := errors.AsType[*mysql.MySQLError](err)
	temporary := IsServerError(err, ErrnoTooManyConnections, ErrnoServerShutdown, ErrnoQueryInterrupted, ErrnoQueryTimeout)
	switch {
	case answered && !temporary:
		return err
	case temporary, errors.As(err, &network), errors.Is(err, io.EOF), errors.Is(err, driver.ErrBadConn), errors.Is(err, mysql.ErrInvalidConn),
		errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return catalog.Unavailable("MySQL", err)
	default:
		return err
	}
}

// Refuse is the error for a server, a schema or a setting that Xunke does not work with,
// which an administrator has to change: catalog.CodeInvalid with a hint that says how.
func Refuse(message, hint string) error {
	return &catalog.Error{Code: catalog.CodeInvalid, Message: message, Hint: hint}
}
