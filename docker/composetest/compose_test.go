// Package composetest holds docker-compose.yml to the compose specification and to
// this project's own promises, without a Docker engine.
package composetest

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

const root = "../.."

// secrets are the variables without a default.
var secrets = []string{
	"XUNKE_MYSQL_ROOT_PASSWORD=root-secret",
	"XUNKE_MYSQL_PASSWORD=app-secret",
	"XUNKE_REPLICATION_PASSWORD=replication-secret",
	"XUNKE_CURSOR_SECRET=cursor-secret",
}

func load(t *testing.T, env ...string) (*types.Project, error) {
	t.Helper()
	options, err := cli.NewProjectOptions(
		[]string{filepath.Join(root, "docker-compose.yml")},
		cli.WithWorkingDirectory(root),
		cli.WithEnv(env),
	)
	if err != nil {
		t.Fatal(err)
	}
	return options.LoadProject(context.Background())
}

func mustLoad(t *testing.T) *types.Project {
	t.Helper()
	project, err := load(t, secrets...)
	if err != nil {
		t.Fatalf("docker-compose.yml does not load: %v", err)
	}
	return project
}

func TestEveryPortIsPublishedOnLoopback(t *testing.T) {
	for name, service := range mustLoad(t).Services {
		for _, port := range service.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s publishes port %s on %q, want 127.0.0.1", name, port.Published, port.HostIP)
			}
		}
	}
}

func TestEveryServerSaysWhetherItIsHealthy(t *testing.T) {
	project := mustLoad(t)
	for _, name := range []string{"mysql", "elasticsearch", "redis", "api"} {
		check := project.Services[name].HealthCheck
		if check == nil || len(check.Test) == 0 {
			t.Errorf("%s has no health check", name)
		}
	}
}

// A container that ends makes `up --wait` fail, unless another waits for its end.
func TestSomebodyWaitsForWhatEnds(t *testing.T) {
	project := mustLoad(t)
	for _, name := range []string{"migrate", "demo"} {
		awaited := false
		for _, other := range project.Services {
			dependency, ok := other.DependsOn[name]
			awaited = awaited || (ok && dependency.Condition == types.ServiceConditionCompletedSuccessfully)
		}
		if !awaited {
			t.Errorf("no service depends on %s having completed", name)
		}
	}
}

func TestDataOutlivesItsContainer(t *testing.T) {
	for name, target := range map[string]string{
		"mysql":         "/var/lib/mysql",
		"elasticsearch": "/usr/share/elasticsearch/data",
		"redis":         "/data",
	} {
		volumes := mustLoad(t).Services[name].Volumes
		if !slices.ContainsFunc(volumes, func(v types.ServiceVolumeConfig) bool {
			return v.Target == target && v.Type == types.VolumeTypeVolume
		}) {
			t.Errorf("%s keeps %s in no volume", name, target)
		}
	}
}

func TestPasswordsHaveNoDefault(t *testing.T) {
	for _, secret := range secrets {
		name, _, _ := strings.Cut(secret, "=")
		rest := slices.DeleteFunc(slices.Clone(secrets), func(s string) bool { return s == secret })
		if _, err := load(t, rest...); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: got %v, want an error that names it", name, err)
		}
	}
}

// The servers without Docker and those with it must behave alike.
func TestMySQLIsSetUpLikeTheLocalOne(t *testing.T) {
	script, err := os.ReadFile(filepath.Join(root, "docker/local/lib/mysql.sh"))
	if err != nil {
		t.Fatal(err)
	}
	for _, option := range mustLoad(t).Services["mysql"].Command {
		name, _, _ := strings.Cut(option, "=")
		if name == "--innodb-buffer-pool-size" {
			continue // an expression there
		}
		if !strings.Contains(string(script), option) {
			t.Errorf("docker-compose.yml starts MySQL with %s, docker/local does not", option)
		}
	}
}

func TestElasticsearchIsSetUpLikeTheLocalOne(t *testing.T) {
	script, err := os.ReadFile(filepath.Join(root, "docker/local/lib/elasticsearch.sh"))
	if err != nil {
		t.Fatal(err)
	}
	// The official build has modules that the local one lacks, and listens beyond
	// its container.
	onlyHere := []string{"xpack.ml.enabled", "ingest.geoip.downloader.enabled", "cluster.name", "ES_JAVA_OPTS"}
	for name, value := range mustLoad(t).Services["elasticsearch"].Environment {
		if slices.Contains(onlyHere, name) {
			continue
		}
		if line := name + ": " + *value; !strings.Contains(string(script), line) {
			t.Errorf("docker-compose.yml sets %q for Elasticsearch, docker/local does not", line)
		}
	}
}
