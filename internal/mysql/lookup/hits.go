package lookup

import (
	"context"
	"database/sql"

	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/mysql"
)

// ofIDs is a statement about some items. Its text has one %s for their question marks.
func ofIDs(text string, ids []int64) fragment {
	marks, args := mysql.Placeholders(ids)
	return fragment{replaceMarks(limited+text, marks), args}
}

// inOrder are hits in the order of their ids. What went away meanwhile is left out.
func inOrder[H any](ids []int64, byID map[int64]*H) []H {
	out := make([]H, 0, len(ids))
	for _, id := range ids {
		if h := byID[id]; h != nil {
			out = append(out, *h)
		}
	}
	return out
}

// complete adds to a hit what is in no column.
func complete(h *catalog.Hit, k catalog.Kind) {
	h.Type, h.URL, h.Highlight = k, catalog.ItemURL(k, h.ID), map[string][]string{}
}

func (s *Searcher) courseHits(ctx context.Context, ids []int64) ([]catalog.CourseHit, error) {
	byID := map[int64]*catalog.CourseHit{}
	err := s.each(ctx, ofIDs("i.id, i.`key`, i.name, i.summary, i.image, COALESCE(k.name, ''), COALESCE(i.level, ''), i.language, i.minutes, "+students+`,
			i.favorites, i.ratings, i.rating_stars, i.created_at, o.id, o.name
		FROM courses i LEFT JOIN categories k ON k.id = i.category_id `+orgJoin+`
		WHERE i.id IN (%s)`, ids), func(rows *sql.Rows) error {
		var h catalog.CourseHit
		var stars int64
		var org ref
		if err := rows.Scan(&h.ID, &h.Key, &h.Name, &h.Summary, &h.Image, &h.Category, &h.Level, &h.Language, &h.Minutes, &h.Students,
			&h.Favorites, &h.Ratings, &stars, &h.CreatedAt, &org.id, &org.name); err != nil {
			return err
		}
		complete(&h.Hit, catalog.KindCourse)
		h.Summary = catalog.PlainText(h.Summary)
		h.Org, h.Teachers, h.Tags, h.Rating = org.visible(), []catalog.Ref{}, []string{}, (*catalog.Rating)(catalog.MeanRating(int64(h.Ratings), stars))
		byID[h.ID] = &h
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = s.each(ctx, ofIDs(`l.course_id, p.id, p.name FROM course_teachers l JOIN teachers p ON p.id = l.teacher_id AND NOT p.hidden
		WHERE l.course_id IN (%s) ORDER BY l.position, p.id`, ids), func(rows *sql.Rows) error {
		var id int64
		var teacher catalog.Ref
		if err := rows.Scan(&id, &teacher.ID, &teacher.Name); err != nil {
			return err
		}
		if h := byID[id]; h != nil {
			h.Teachers = append(h.Teachers, teacher)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = s.each(ctx, ofIDs(`l.course_id, g.name FROM course_tags l JOIN tags g ON g.id = l.tag_id
		WHERE l.course_id IN (%s) ORDER BY g.name`, ids), func(rows *sql.Rows) error {
		var id int64
		var tag string
		if err := rows.Scan(&id, &tag); err != nil {
			return err
		}
		if h := byID[id]; h != nil {
			h.Tags = append(h.Tags, tag)
		}
		return nil
	})
	return inOrder(ids, byID), err
}

func (s *Searcher) orgHits(ctx context.Context, ids []int64) ([]catalog.OrgHit, error) {
	byID := map[int64]*catalog.OrgHit{}
	err := s.each(ctx, ofIDs("i.id, i.`key`, i.name, i.image, i.category, COALESCE(t.name, ''), i.favorites,"+`
			COUNT(c.id), COALESCE(SUM(c.starting_students + c.enrolments), 0)
		FROM orgs i LEFT JOIN cities t ON t.id = i.city_id LEFT JOIN courses c ON c.org_id = i.id AND NOT c.hidden
		WHERE i.id IN (%s) GROUP BY i.id`, ids), func(rows *sql.Rows) error {
		var h catalog.OrgHit
		if err := rows.Scan(&h.ID, &h.Key, &h.Name, &h.Image, &h.Category, &h.City, &h.Favorites, &h.Courses, &h.Students); err != nil {
			return err
		}
		complete(&h.Hit, catalog.KindOrg)
		byID[h.ID] = &h
		return nil
	})
	return inOrder(ids, byID), err
}

func (s *Searcher) teacherHits(ctx context.Context, ids []int64) ([]catalog.TeacherHit, error) {
	byID := map[int64]*catalog.TeacherHit{}
	err := s.each(ctx, ofIDs("i.id, i.`key`, i.name, i.image, i.title, i.favorites, o.id, o.name,"+`
			COUNT(c.id), COALESCE(SUM(c.starting_students + c.enrolments), 0)
		FROM teachers i `+orgJoin+`
			LEFT JOIN course_teachers l ON l.teacher_id = i.id LEFT JOIN courses c ON c.id = l.course_id AND NOT c.hidden
		WHERE i.id IN (%s) GROUP BY i.id`, ids), func(rows *sql.Rows) error {
		var h catalog.TeacherHit
		var org ref
		if err := rows.Scan(&h.ID, &h.Key, &h.Name, &h.Image, &h.Title, &h.Favorites, &org.id, &org.name, &h.Courses, &h.Students); err != nil {
			return err
		}
		complete(&h.Hit, catalog.KindTeacher)
		h.Org = org.visible()
		byID[h.ID] = &h
		return nil
	})
	return inOrder(ids, byID), err
}

// ref is an item of an outer join, which may be missing.
type ref struct {
	id   sql.NullInt64
	name sql.NullString
}

func (r ref) visible() *catalog.Ref {
	if !r.id.Valid {
		return nil
	}
	return &catalog.Ref{ID: r.id.Int64, Name: r.name.String}
}
