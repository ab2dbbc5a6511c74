// Package composetest holds docker-compose.yml to the compose specification and to
// this project's own promises, without a Docker engine.
package composetest

import (
	"context"
	"maps"
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
	"XUNKE_ELASTICSEARCH_PASSWORD=elasticsearch-secret",
	"XUNKE_REDIS_PASSWORD=redis-secret",
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

// settingsFiles are how each server is set up, with Docker and without it alike.
var settingsFiles = map[string]struct{ file, target string }{
	"mysql":         {"docker/mysql/server.cnf", "/etc/mysql/conf.d/xunke.cnf"},
	"elasticsearch": {"docker/elasticsearch/elasticsearch.yml", "/usr/share/elasticsearch/config/elasticsearch.yml"},
	"redis":         {"docker/redis/redis.conf", "/usr/local/etc/redis/redis.conf"},
}

// The servers without Docker and those with it must behave alike: both read one file.
func TestServersShareTheirSettings(t *testing.T) {
	project := mustLoad(t)
	for name, settings := range settingsFiles {
		file, err := filepath.Abs(filepath.Join(root, settings.file))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(project.Services[name].Volumes, func(v types.ServiceVolumeConfig) bool {
			return v.Source == file && v.Target == settings.target && v.ReadOnly
		}) {
			t.Errorf("%s does not read %s as %s", name, settings.file, settings.target)
		}
		script, err := os.ReadFile(filepath.Join(root, "docker/local/lib", name+".sh"))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(script), "$ROOT/"+settings.file) {
			t.Errorf("docker/local does not read %s", settings.file)
		}
	}
}

// Who may do what in Elasticsearch is the same with Docker and without it.
func TestElasticsearchHasItsRoles(t *testing.T) {
	elasticsearch := mustLoad(t).Services["elasticsearch"]
	file, err := filepath.Abs(filepath.Join(root, "docker/elasticsearch/roles.yml"))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(elasticsearch.Volumes, func(v types.ServiceVolumeConfig) bool {
		return v.Source == file && v.Target == "/usr/share/elasticsearch/config/roles.yml" && v.ReadOnly
	}) {
		t.Error("elasticsearch does not read docker/elasticsearch/roles.yml")
	}
	settings, err := os.ReadFile(filepath.Join(root, settingsFiles["elasticsearch"].file))
	if err != nil {
		t.Fatal(err)
	}
	roles, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, guest, _ := strings.Cut(string(settings), "anonymous.roles: ")
	guest, _, _ = strings.Cut(guest, "\n")
	if guest == "" || !strings.Contains(string(roles), "\n"+guest+":\n") {
		t.Errorf("who names nobody has the role %q, which roles.yml lacks", guest)
	}
}

// What a service says for itself is no setting that the shared file has, too.
func TestSettingsHaveOnePlace(t *testing.T) {
	project := mustLoad(t)
	for name, settings := range settingsFiles {
		raw, err := os.ReadFile(filepath.Join(root, settings.file))
		if err != nil {
			t.Fatal(err)
		}
		service := project.Services[name]
		own := slices.Collect(maps.Keys(service.Environment))
		for _, argument := range service.Command {
			argument, _, _ = strings.Cut(strings.TrimLeft(argument, "-"), "=")
			own = append(own, argument)
		}
		shared := 0
		for line := range strings.Lines(string(raw)) {
			fields := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" :=\n", r) })
			if len(fields) == 0 || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "[") {
				continue
			}
			shared++
			if slices.Contains(own, fields[0]) {
				t.Errorf("docker-compose.yml sets %s of %s, which %s has", fields[0], name, settings.file)
			}
		}
		if shared < 4 {
			t.Errorf("%s has %d settings, want more", settings.file, shared)
		}
	}
}
