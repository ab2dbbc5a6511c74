package indexer

import (
	"context"
	"slices"
	"testing"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/indexer/binlog"
)

// relations is a Reader that knows the documents of relations and nothing else.
type relations struct {
	Reader
	ids map[binlog.FanOut][]int64
}

func (r relations) Page(_ context.Context, f binlog.FanOut, after int64, limit int) ([]int64, error) {
	at, _ := slices.BinarySearch(r.ids[f], after+1)
	return r.ids[f][at:min(at+limit, len(r.ids[f]))], nil
}

func TestADocumentThatWaitsForAFanOutIsNotBlamed(t *testing.T) {
	org := binlog.FanOut{Relation: binlog.CoursesOfOrg, ID: 1}
	tag := binlog.FanOut{Relation: binlog.CoursesOfTag, ID: 2}
	teachers := binlog.FanOut{Relation: binlog.TeachersOfOrg, ID: 1}
	l := &leader{Deps: Deps{Reader: relations{ids: map[binlog.FanOut][]int64{
		org: {3, 5, 8, 9}, tag: {4, 20}, teachers: {3, 4, 5, 6, 7, 8},
	}}}}
	tests := []struct {
		name   string
		queued []Task
		want   []int64
	}{
		{"nothing is queued", nil, []int64{3, 4, 5, 6, 9}},
		{"of another kind", []Task{{FanOut: teachers}}, []int64{3, 4, 5, 6, 9}},
		{"not begun", []Task{{FanOut: org}}, []int64{4, 6}},
		{"read up to a document", []Task{{FanOut: org, Cursor: 5}}, []int64{3, 4, 5, 6}},
		{"two of them", []Task{{FanOut: org, Cursor: 3}, {FanOut: tag}}, []int64{3, 6}},
		{"every document", []Task{{FanOut: org}, {FanOut: tag}, {FanOut: binlog.FanOut{Relation: binlog.EveryCourse}}}, []int64{6}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var keys []catalog.Key
			for _, id := range []int64{3, 4, 5, 6, 9} {
				keys = append(keys, catalog.Key{Kind: catalog.KindCourse, ID: id})
			}
			left, err := l.withoutQueued(t.Context(), test.queued, keys)
			if err != nil {
				t.Fatal(err)
			}
			if got := idsOf(left); !slices.Equal(got, test.want) {
				t.Errorf("blames %v, want %v", got, test.want)
			}
		})
	}
}
