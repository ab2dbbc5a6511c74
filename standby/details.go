// Package standby answers in the place of a server that is away: whole items out of
// documents while MySQL does not answer, searches out of rows while Elasticsearch does not.
// What it answers says that it is degraded.
package standby

import (
	"context"

	"github.com/xunke/xunke/catalog"
)

// Details reads whole items. A hidden or missing one is an error of CodeNotFound, a server
// that does not answer one of CodeUnavailable.
type Details interface {
	Course(ctx context.Context, id int64) (catalog.Course, error)
	Org(ctx context.Context, id int64) (catalog.Org, error)
	Teacher(ctx context.Context, id int64) (catalog.Teacher, error)
}

// Source is where details come from as long as it answers.
type Source interface {
	Details
	Ready(ctx context.Context) error
}

// ItemReader reads items from their source, and from Documents while that is not available.
// An item that has no document may be new: then the error is the source's.
type ItemReader struct {
	Source
	Documents Details
}

// Course reads a course.
func (r ItemReader) Course(ctx context.Context, id int64) (catalog.Course, error) {
	item, err := r.Source.Course(ctx, id)
	return orDocument(ctx, id, item, err, r.Documents.Course)
}

// Org reads an org.
func (r ItemReader) Org(ctx context.Context, id int64) (catalog.Org, error) {
	item, err := r.Source.Org(ctx, id)
	return orDocument(ctx, id, item, err, r.Documents.Org)
}

// Teacher reads a teacher.
func (r ItemReader) Teacher(ctx context.Context, id int64) (catalog.Teacher, error) {
	item, err := r.Source.Teacher(ctx, id)
	return orDocument(ctx, id, item, err, r.Documents.Teacher)
}

func orDocument[T any](ctx context.Context, id int64, item T, err error, read func(context.Context, int64) (T, error)) (T, error) {
	if err == nil || catalog.CodeOf(err) != catalog.CodeUnavailable {
		return item, err
	}
	if document, missed := read(ctx, id); missed == nil {
		return document, nil
	}
	return item, err
}
