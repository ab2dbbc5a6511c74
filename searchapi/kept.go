package searchapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/xunke/xunke/answers"
	"github.com/xunke/xunke/catalog"
	"github.com/xunke/xunke/internal/httpserver"
	"github.com/xunke/xunke/searchlog"
)

// keptPrice is what a search costs that is dearer than ordinary ones and whose answer is kept.
const keptPrice = 1

// find is the answer to a query that is kept and right, nil where it has to be asked for.
func (s *Service) find(c *fiber.Ctx, q catalog.Query) *answers.Kept {
	if s.kept == nil {
		return nil
	}
	return s.kept.Find(c.UserContext(), q)
}

// peek is find for who has asked already.
func (s *Service) peek(q catalog.Query) *answers.Kept {
	if s.kept == nil {
		return nil
	}
	return s.kept.Peek(q)
}

// priceOf is what a query costs beyond an ordinary one.
func (s *Service) priceOf(q catalog.Query) int {
	if kept := s.peek(q); kept != nil {
		return min(kept.Price, keptPrice)
	}
	return s.price(q)
}

// searchID begins the answer to a search. Each has an id of its own, whoever else got the same
// hits: clicks name it.
const searchID = `{"search_id":"`

// answerKept answers a search with what is kept.
func (s *Service) answerKept(c *fiber.Ctx, q catalog.Query, kept *answers.Kept) error {
	answer := kept.Answer
	answer.SearchID = httpserver.NewID()
	rest, err := kept.Form("search", func() (answers.Form, error) { return s.encodeSearch(q, answer) })
	if err != nil {
		return err
	}
	if searched, ok := searchlog.Of(q, answer); ok {
		s.ReportSearch(c, searched)
	}
	setNoCache(c)
	head := make([]byte, 0, len(searchID)+len(answer.SearchID))
	head = append(append(head, searchID...), answer.SearchID...)
	return httpserver.WritePrepared(c, fiber.MIMEApplicationJSON, prepare(kept, "search", head, rest.Body))
}

// encodeSearch is an answer but for its id.
func (s *Service) encodeSearch(q catalog.Query, answer catalog.Answer) (answers.Form, error) {
	if err := s.complete(q, &answer); err != nil {
		return answers.Form{}, err
	}
	body, err := httpserver.EncodeJSON(answer)
	if err != nil {
		return answers.Form{}, err
	}
	rest, ok := bytes.CutPrefix(body, []byte(searchID+answer.SearchID))
	if !ok {
		return answers.Form{}, errors.New("encode answer: it does not begin with its id")
	}
	return answers.Form{Body: rest}, nil
}

// tagSlot is how long answers with a cursor have the same entity tag: whoever is told that
// nothing has changed goes on with the cursor that they have, which must not expire.
const tagSlot = cursorLife / 4

// answerList answers a list with what is kept, or that it has not changed.
func (s *Service) answerList(c *fiber.Ctx, q catalog.Query, k catalog.Kind, kept *answers.Kept) error {
	name := "list" + strconv.FormatInt(s.now().Unix()/int64(tagSlot/time.Second), 10)
	form, err := kept.Form(name, func() (answers.Form, error) {
		answer := kept.Answer
		if err := s.complete(q, &answer); err != nil {
			return answers.Form{}, err
		}
		section := listOf(k, &answer)
		body, err := httpserver.EncodeJSON(section)
		if err != nil {
			return answers.Form{}, err
		}
		// A cursor is another one each time that it is sealed.
		plain, err := json.Marshal(listOf(k, &kept.Answer))
		return answers.Form{Body: body, Tag: httpserver.TagOf([]byte(name+s.options.PublicURL), plain)}, err
	})
	if err != nil {
		return err
	}
	return s.answerForm(c, kept, name, form)
}

// answerForm answers with a form of a kept answer that is the same for everybody.
func (s *Service) answerForm(c *fiber.Ctx, kept *answers.Kept, name string, form answers.Form) error {
	setNoCache(c)
	c.Set(fiber.HeaderETag, form.Tag)
	if httpserver.TagMatches(c, form.Tag) {
		c.Status(http.StatusNotModified)
		return nil
	}
	return httpserver.WritePrepared(c, fiber.MIMEApplicationJSON, prepare(kept, name, nil, form.Body))
}

// prepare makes of a kept answer what is sent, compressed once for all.
func prepare(kept *answers.Kept, name string, head, body []byte) httpserver.Prepared {
	return httpserver.Prepared{Head: head, Body: body, Packed: func(coding httpserver.Coding) ([]byte, error) {
		packed, err := kept.Form(name+" "+string(coding), func() (answers.Form, error) {
			packed, err := httpserver.Pack(coding, body)
			return answers.Form{Body: packed}, err
		})
		return packed.Body, err
	}}
}
