package doctor

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/xunke/xunke/internal/doctor"
)

const watermarks = "cluster.routing.allocation.disk.watermark."

// disks looks how near the nodes' disks are to the watermarks: at the low one no new
// index is placed, at the flood stage every index is blocked.
func (e *examination) disks(ctx context.Context) {
	c := doctor.Check{
		Name: "disk watermarks", Why: "beyond the low one a reindex finds no room, beyond the flood stage nothing is written any more",
		Fix: "free or add disk space; indices that nobody serves: " + e.curl("GET", "/_cat/indices/"+e.c.Prefix+"-*?v", ""),
	}
	settings, err := e.settings(ctx)
	if err != nil {
		e.Unknown(c, err)
		return
	}
	if settings["cluster.routing.allocation.disk.threshold_enabled"] == "false" {
		e.Warn(c, "they are turned off")
		return
	}
	var stats struct {
		Nodes map[string]struct {
			Name string `json:"name"`
			FS   struct {
				Total struct {
					Total     float64 `json:"total_in_bytes"`
					Available float64 `json:"available_in_bytes"`
				} `json:"total"`
			} `json:"fs"`
		} `json:"nodes"`
	}
	if err := e.c.Do(ctx, "GET", "/_nodes/stats/fs?filter_path=nodes.*.name,nodes.*.fs.total", nil, &stats); err != nil {
		e.Unknown(c, err)
		return
	}
	for _, node := range stats.Nodes {
		disk := node.FS.Total
		found := fmt.Sprintf("node %s has %s of %s free", node.Name, gigabytes(disk.Available), gigabytes(disk.Total))
		status := doctor.OK
		for _, level := range []struct {
			name   string
			status doctor.Status
		}{{"low", doctor.Warning}, {"high", doctor.Failure}, {"flood_stage", doctor.Failure}} {
			least, err := leastFree(settings[watermarks+level.name], settings[watermarks+level.name+".max_headroom"], disk.Total)
			if err != nil {
				e.Unknown(c, err)
				return
			}
			found += fmt.Sprintf(", %s at %s", level.name, gigabytes(least))
			if disk.Available < least {
				status = level.status
			}
		}
		e.Judge(status == doctor.OK, status, c, "%s", found)
	}
}

// leastFree is how many bytes must stay free on a disk below a watermark: an amount of
// free space as it is; a used share (85%, 0.85) of the disk, but not more free space than
// the headroom allows.
func leastFree(watermark, headroom string, total float64) (float64, error) {
	share := -1.0
	if percent, ok := strings.CutSuffix(watermark, "%"); ok {
		if p, err := strconv.ParseFloat(percent, 64); err == nil {
			share = p / 100
		}
	} else if p, err := strconv.ParseFloat(watermark, 64); err == nil {
		share = p
	}
	if share < 0 {
		return bytesOf(watermark)
	}
	least := total * (1 - share)
	if headroom == "" || headroom == "-1" {
		return least, nil
	}
	limit, err := bytesOf(headroom)
	return math.Min(least, limit), err
}

// bytesOf reads a size such as 2gb.
func bytesOf(size string) (float64, error) {
	text := strings.ToLower(strings.TrimSpace(size))
	for _, unit := range []struct {
		suffix string
		bytes  float64
	}{{"pb", 1 << 50}, {"tb", 1 << 40}, {"gb", 1 << 30}, {"mb", 1 << 20}, {"kb", 1 << 10}, {"b", 1}} {
		if number, ok := strings.CutSuffix(text, unit.suffix); ok {
			n, err := strconv.ParseFloat(number, 64)
			if err != nil {
				break
			}
			return n * unit.bytes, nil
		}
	}
	return 0, fmt.Errorf("read watermark %q: it is neither a share nor a size", size)
}

func gigabytes(n float64) string { return fmt.Sprintf("%.1f GB", n/(1<<30)) }
