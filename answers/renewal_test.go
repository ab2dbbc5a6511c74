package answers_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xunke/xunke/answers"
	"github.com/xunke/xunke/catalog"
)

// TestAStaleAnswerIsMadeAnewBeside: whoever asks just after a change does not wait.
func TestAStaleAnswerIsMadeAnewBeside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIndex()
		k := keep(t, i, answers.Options{})
		for range 2 {
			total(t, k)
			<-time.After(promise)
		}
		total(t, k)
		i.mu.Lock()
		i.slow = 50 * time.Millisecond
		i.mu.Unlock()
		i.set(catalog.KindCourse, 2)
		<-time.After(promise / 3) // the change is known
		began := time.Now()
		if n := total(t, k); n != 1 || time.Since(began) != 0 {
			t.Errorf("total %d after %v", n, time.Since(began))
		}
		<-time.After(60 * time.Millisecond)
		if n := total(t, k); n != 2 || time.Since(began) != 60*time.Millisecond {
			t.Errorf("then total %d after %v", n, time.Since(began))
		}
	})
}

// TestRenewalsAreFew: what is outdated at once is not made anew at once.
func TestRenewalsAreFew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIndex()
		k := keep(t, i, answers.Options{})
		ask := func(text string) {
			q := courses
			q.Text = text
			if _, err := k.Search(t.Context(), q); err != nil {
				t.Error(err)
			}
		}
		const questions = 20
		for n := range questions {
			ask(fmt.Sprint(n))
		}
		i.mu.Lock()
		i.slow = 100 * time.Millisecond
		i.mu.Unlock()
		i.set(catalog.KindCourse, 2)
		<-time.After(promise / 3) // the change is known
		before := i.asked.Load()
		for n := range questions {
			ask(fmt.Sprint(n))
		}
		synctest.Wait()
		if n := i.asked.Load() - before; n != 2 {
			t.Errorf("%d answers are made anew at a time", n)
		}
		<-time.After(time.Second) // they end
	})
}
