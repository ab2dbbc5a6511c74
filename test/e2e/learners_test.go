package e2e

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// learner is somebody who is logged in.
type learner struct {
	*api
	cookie string
}

// logIn gives the account of a number a session, as a log-in would.
func (w *world) logIn(a *api, n int) learner {
	w.T.Helper()
	w.Exec(`INSERT INTO accounts (id, email, email_key, password, created_at) VALUES (?, ?, ?, '', UTC_TIMESTAMP(6))`, n,
		fmt.Sprintf("%d@school.example", n), fmt.Sprintf("%d@school.example", n))
	secret := sha256.Sum256(fmt.Append(nil, "a session of the tests ", n))
	token := base64.RawURLEncoding.EncodeToString(secret[:])
	hash := sha256.Sum256([]byte(token))
	w.Exec(`INSERT INTO account_sessions (account_id, hash, device, created_at, seen_at, expires_at)
		VALUES (?, ?, 'Firefox', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) + INTERVAL 1 DAY)`, n, hash[:])
	return learner{a, "xunke-session=" + token}
}

// call makes a call and reads its answer. It may be called from any goroutine.
func (l learner) call(method, path, body string, into any) (status int, err error) {
	r, err := http.NewRequest(method, l.base+path, strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Cookie", l.cookie)
	res, err := l.client.Do(r)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err == nil && into != nil {
		err = json.Unmarshal(raw, into)
	}
	return res.StatusCode, err
}

// TestManyFavouritesAtOnce: 50 learners favourite 20 courses each at the same time, each twice,
// and later take some back: rows, counts, documents and rankings are equal, and the course that
// most like is first.
func TestManyFavouritesAtOnce(t *testing.T) {
	w := newWorld(t)
	w.Seed()
	w.StartIndexer("the indexer", nil)
	w.WaitUntilIndexed()
	a := w.startAPI("MAIL_SENDER", "inbox", "API_ADDRESS_CONNECTIONS", "0")
	const learners, courses = 50, 20
	var class []learner
	for n := 1; n <= learners; n++ {
		class = append(class, w.logIn(a, n))
	}
	each := func(act func(l learner, n, course int)) {
		var wg sync.WaitGroup
		for n, l := range class {
			for course := 1; course <= courses; course++ {
				wg.Go(func() { act(l, n+1, course) })
			}
		}
		wg.Wait()
	}
	var put, slow atomic.Int64
	began := time.Now()
	each(func(l learner, _, course int) {
		for range 2 {
			status, err := l.call(http.MethodPut, fmt.Sprint("/api/v1/me/favorites/course/", course), "", nil)
			for ; err == nil && status == http.StatusServiceUnavailable; slow.Add(1) { // too much to do: come again
				<-time.After(time.Second)
				status, err = l.call(http.MethodPut, fmt.Sprint("/api/v1/me/favorites/course/", course), "", nil)
			}
			if err != nil || status != http.StatusOK {
				t.Errorf("course %d: %d, %v", course, status, err)
			}
			put.Add(1)
		}
	})
	t.Logf("%d favourites in %.1f s, %d of them asked to come again", put.Load(), time.Since(began).Seconds(), slow.Load())
	// Course c stays with the learners from c on.
	each(func(l learner, n, course int) {
		if n < course {
			if status, err := l.call(http.MethodDelete, fmt.Sprint("/api/v1/me/favorites/course/", course), "", nil); err != nil || status != http.StatusOK {
				t.Errorf("course %d: %d, %v", course, status, err)
			}
		}
	})
	for course := 1; course <= courses; course++ {
		want := int64(learners - course + 1)
		for what, query := range map[string]string{
			"rows":        `SELECT COUNT(*) FROM favorites WHERE kind = 'course' AND item_id = ?`,
			"count":       `SELECT favorites FROM courses WHERE id = ?`,
			"days' count": `SELECT SUM(favorites) FROM course_daily_counts WHERE course_id = ?`,
		} {
			if got := one[int64](w, query, course); got != want {
				t.Errorf("course %d: %s %d, want %d", course, what, got, want)
			}
		}
	}
	w.MustBeEqual()

	ranked := func(want ...int64) {
		t.Helper()
		w.Eventually("courses are ranked by favourites", func() (bool, string) {
			var board struct {
				Items []struct{ ID int64 }
			}
			status, err := a.get("/api/v1/rankings/courses", query("window", "day", "limit", "20"), &board)
			got := fmt.Sprint(board.Items)
			if err != nil || status != http.StatusOK || len(board.Items) < len(want) {
				return false, fmt.Sprintf("%d, %v, %s", status, err, got)
			}
			for i, id := range want {
				if board.Items[i].ID != id {
					return false, got
				}
			}
			return true, got
		})
	}
	ranked(1, 2, 3, 4, 5)

	// Enrolling and rating reach the documents as well.
	each(func(l learner, _, course int) {
		if course > 3 {
			return
		}
		for _, do := range [][2]string{{"/api/v1/me/courses/", ""}, {"/api/v1/me/ratings/", `{"stars":5}`}} {
			if status, err := l.call(http.MethodPut, fmt.Sprint(do[0], course), do[1], nil); err != nil || status != http.StatusOK {
				t.Errorf("%s%d: %d, %v", do[0], course, status, err)
			}
		}
	})
	if got := one[int64](w, `SELECT SUM(enrolments) * 1000 + SUM(ratings) FROM courses`); got != 3*learners*1000+3*learners {
		t.Errorf("enrolments and ratings: %d", got)
	}
	w.MustBeEqual()
}
