package source_test

import (
	"strings"
	"testing"

	"github.com/xunke/xunke/internal/mysql/source"
)

func TestInstallationsRegisterApart(t *testing.T) {
	hosts := map[string]bool{}
	for _, of := range [][2]string{{"xunke", "xunke"}, {"xunke", "other"}, {"other", "xunke"}, {"x", strings.Repeat("x", 60)}} {
		host := source.ReplicaHost(of[0], of[1])
		if len(host) > 60 || hosts[host] || host != source.ReplicaHost(of[0], of[1]) {
			t.Errorf("%v registers as %q", of, host)
		}
		hosts[host] = true
		if explains := source.ExplainHost(of[0], of[1]); len(explains) > 60 || explains == host {
			t.Errorf("%v explains as %q and indexes as %q", of, explains, host)
		}
	}
}
