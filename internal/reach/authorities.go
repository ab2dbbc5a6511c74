package reach

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
)

// TLS is how connections to a server are encrypted. file has the certificates of the
// authorities that vouch for it, in PEM; empty: those that the system trusts. name is the one
// that its certificate must have; empty: the host that is connected to.
func TLS(file, name string) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: name}
	if file == "" {
		// Read now: within the first handshake it would count against that one's deadline.
		if roots, err := x509.SystemCertPool(); err == nil {
			config.RootCAs = roots
		}
		return config, nil
	}
	raw, err := os.ReadFile(file) //nolint:gosec // an operator names the file
	if err != nil {
		return nil, fmt.Errorf("read authorities: %w", err)
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(raw) {
		return nil, errors.New("read authorities: there is no certificate in PEM in it")
	}
	return config, nil
}
