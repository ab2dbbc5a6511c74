// Package reach is about connections to servers: why one cannot be made, and by which
// authorities their certificates are checked.
package reach

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
)

// Server is what hints say of a server and of the settings that lead to it.
type Server struct {
	Name    string // as people call it
	Address string // the setting that says where it is
	CA      string // what is to be set where its certificate is of an authority of its own
	Host    string // what is to be set where its certificate has another name
	TLS     string // what is to be set where it speaks TLS and is not spoken to so
	Plain   string // what is to be set where it does not speak TLS
	// Encrypted says that TLS is spoken to it. A server that does not expect that may wait for more.
	Encrypted bool
}

// Hint says what to do about the error of a connection, by its cause. It is empty where the
// error is none of a connection: then the server has answered.
func (s Server) Hint(err error) string {
	if hint := s.certificate(err); hint != "" {
		return hint
	}
	var record tls.RecordHeaderError
	name, unknownName := errors.AsType[*net.DNSError](err)
	switch {
	case unknownName && name.IsNotFound:
		return fmt.Sprintf("no name server knows %s: set %s to a name that it knows, or to an address", name.Name, s.Address)
	case unknownName:
		return fmt.Sprintf("the name server does not tell the address of %s: look at /etc/resolv.conf and at the network", name.Name)
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Sprintf("nothing listens there: start %s, or set %s to where it is", s.Name, s.Address)
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return fmt.Sprintf("no way leads there: set %s to where %s is, or look at the network", s.Address, s.Name)
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		return "this user may not connect there: look at the permissions of the socket, or at the firewall"
	case errors.As(err, &record), strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return fmt.Sprintf("%s does not speak TLS there: set %s", s.Name, s.Plain)
	case isTimeout(err) && s.Encrypted:
		return fmt.Sprintf("no answer in time: if %s does not speak TLS there, set %s; else look whether a firewall is between, and whether it is overloaded", s.Name, s.Plain)
	case isTimeout(err):
		return fmt.Sprintf("no answer in time: look whether a firewall is between, whether %s is %s, and whether that is overloaded", s.Address, s.Name)
	case isHangUp(err):
		return fmt.Sprintf("it ended the connection: if it speaks TLS, set %s; else its own log says why", s.TLS)
	}
	return ""
}

// certificate is the hint about an error of a certificate.
func (s Server) certificate(err error) string {
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return fmt.Sprintf("its certificate is of an authority that is not known here: set %s", s.CA)
	}
	if wrong, ok := errors.AsType[x509.HostnameError](err); ok {
		return fmt.Sprintf("its certificate is for %s and not for %s: set %s", namesOf(wrong.Certificate), wrong.Host, s.Host)
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		if invalid.Reason == x509.Expired {
			return "its certificate is not valid now: renew it, or set the clocks"
		}
		return "its certificate is not valid for a server: have it made anew"
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "its certificate is not valid: have it made anew"
	}
	return ""
}

func namesOf(c *x509.Certificate) string {
	names := append([]string{}, c.DNSNames...)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		return "no name"
	}
	return strings.Join(names, ", ")
}

func isTimeout(err error) bool {
	network, ok := errors.AsType[net.Error](err)
	return ok && network.Timeout() || errors.Is(err, os.ErrDeadlineExceeded)
}

func isHangUp(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
